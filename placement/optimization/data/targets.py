"""What a plan aims at and stays inside: objectives, their slack, budgets, margins of rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from placement.enums import Comparison, Objective
from placement.errors import Fault, UsageError, did_you_mean
from placement.optimization.data.periods import Period
from placement.optimization.data.plannable_rules import is_written
from placement.policy import Policy
from placement.policy.rules import CapRule, ShareRule
from placement.readers.config.margins import EVERY_RULE, Margin
from placement.readers.config.money import in_currency
from placement.readers.config.placement_toml import ConfigFile
from placement.text.decimals import plain


@dataclass(frozen=True, slots=True)
class Targets:
    """Objectives in order with the slack of each, budgets by period, margins by rule."""

    objectives: tuple[Objective, ...]
    slack: tuple[Fraction, ...]
    budgets: tuple[Fraction | None, ...]
    margins: Mapping[str, Margin]


def read_targets(setup: ConfigFile, policy: Policy, periods: tuple[Period, ...]) -> Targets:
    """Read `[optimize]` against the pack and the horizon; UsageError with every fault."""
    options = setup.config.optimize
    faults = [*_budget_faults(setup, len(periods)), *_margin_faults(setup, policy)]
    if faults:
        raise UsageError(faults)
    objectives = options.objective
    slack = options.slack if len(options.slack) > 1 else options.slack * len(objectives)
    given = options.budget_usd_per_period
    budgets: list[Fraction | None] = [None] if given is None else list(given)
    return Targets(
        objectives,
        tuple(slack),
        tuple(budgets if len(budgets) > 1 else budgets * len(periods)),
        _margins(setup, policy),
    )


def given_objectives(text: str | Sequence[str]) -> tuple[Objective, ...]:
    """Read objectives that are given in place of those of the configuration."""
    names = [part.strip() for part in text.split(",")] if isinstance(text, str) else list(text)
    known = [one.value for one in Objective]
    faults = []
    for name in dict.fromkeys(names):
        if name not in known:
            fix = did_you_mean(name, known) or f"objectives: {', '.join(known)}"
            faults.append(Fault("no such objective", fix, column="objective", value=name))
        elif names.count(name) > 1:
            faults.append(Fault("is named twice", "keep the first", None, None, "objective", name))
    if faults:
        raise UsageError(faults)
    return tuple(Objective(name) for name in names)


def _budget_faults(setup: ConfigFile, count: int) -> Iterator[Fault]:
    given = setup.config.optimize.budget_usd_per_period
    if given is not None and len(given) not in (1, count):
        key = in_currency("budget_usd_per_period", setup.currency)
        message = f"has {len(given)} numbers, and the horizon has {count} periods"
        fix = "write one number, or one for each period"
        yield setup.said.fault(message, fix, "optimize", key)


def _limited(policy: Policy) -> dict[str, ShareRule | CapRule]:
    """Return the rules with a limit that a plan is held to."""
    rules = policy.pack.rules
    return {
        rule.id: rule
        for rule in rules
        if is_written(rule) and isinstance(rule, ShareRule | CapRule)
    }


def _margin_faults(setup: ConfigFile, policy: Policy) -> Iterator[Fault]:
    limited = _limited(policy)
    every = {rule.id for rule in policy.pack.rules}
    given = setup.config.optimize.margin
    for name, margin in given.items():
        message = fix = ""
        rule = limited.get(name)
        if name == EVERY_RULE:
            others = [one for id_, one in limited.items() if id_ not in given]
            message, fix = _too_large(margin, others)
            fix += ", or give it a margin of its own" if fix else ""
        elif rule is None:
            message = f"{policy.pack.id} has no rule {name!r}"
            if name in every:
                message = f"{name} has no limit that a plan is held to"
            fix = did_you_mean(name, limited) or f"rules with a limit: {', '.join(sorted(limited))}"
        elif margin.points and not isinstance(rule, ShareRule):
            message, fix = f"{name} is no share, and pp are points of one", 'write it as "2%"'
        else:
            message, fix = _too_large(margin, [rule])
        if message:
            line = setup.line("optimize", "margin", name)
            column = setup.key("optimize", "margin", *([] if name == EVERY_RULE else [name]))
            yield Fault(message, fix, setup.file, line, column, str(margin))


def _too_large(margin: Margin, rules: Iterable[ShareRule | CapRule]) -> tuple[str, str]:
    """Say that a margin leaves nothing inside the limits of some rules; nothing where it does.

    The narrowest one is named.
    """
    shares = [rule for rule in rules if isinstance(rule, ShareRule)]
    rooms = {rule.id: _room(rule) for rule in shares}
    over = [rule for rule in shares if _points(rule, margin) > rooms[rule.id] > 0]
    if not over:
        return "", ""
    rule = min(over, key=lambda one: rooms[one.id])
    least = rule.comparison is Comparison.AT_LEAST
    limit, most = (plain(one * 100) for one in (Fraction(rule.limit), rooms[rule.id]))
    message = f"is more than the limit of {rule.id}, {limit} %: nothing would be left inside it"
    if least:
        message = f"is more than there is above the limit of {rule.id}, which is at least {limit} %"
    return message, f"write at most {most}pp"


def _points(rule: ShareRule, margin: Margin) -> Fraction:
    return margin.points + margin.part * Fraction(rule.limit)


def _room(rule: ShareRule) -> Fraction:
    """Return the largest margin of a share."""
    limit = Fraction(rule.limit)
    return 1 - limit if rule.comparison is Comparison.AT_LEAST else limit


def _margins(setup: ConfigFile, policy: Policy) -> dict[str, Margin]:
    """Return the margin of each rule; points for every rule are those of every share."""
    given = setup.config.optimize.margin
    found = {name: margin for name, margin in given.items() if name != EVERY_RULE}
    every = given.get(EVERY_RULE)
    for name, rule in _limited(policy).items() if every is not None else ():
        if every is None or name in found:
            continue
        if isinstance(rule, ShareRule):
            # A limit of 0 % has no inside: such a rule is kept as it is.
            found[name] = Margin(points=min(_points(rule, every), _room(rule)))
        elif every.part:
            found[name] = every
    return {name: margin for name, margin in found.items() if margin != Margin()}
