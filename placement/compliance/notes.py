"""What a report says beside its findings: what was assumed, what was not judged, how old it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.catalog import Catalog
from placement.enums import Channel, Counted, Verdict
from placement.fleet.account_notes import balance_notes
from placement.fleet.classification import Classification
from placement.fleet.context import FleetContext
from placement.fleet.positions import Timeline
from placement.fleet.side_tables import SideTables
from placement.policy import Policy
from placement.policy.rules import (
    AnyRule,
    ProhibitionRule,
    RatioRule,
    RuleOnWeights,
)
from placement.report import Finding, UnjudgedDuty
from placement.text.decimals import grouped, plain

if TYPE_CHECKING:
    from placement.readers.tables.entities import Entities

#: How old what is known of the law may be on the day of a run before a report says so.
MOST_DAYS_OLD = 60


#: So many owners are named in a note.
MOST_NAMED = 6


def aged(policy: Policy, ran_on: date) -> list[str]:
    """Return what to say of each status that was last looked at too long before the run.

    The rules are named that were looked at on another day than the pack as a whole.
    """
    status = policy.pack.status
    rules: dict[date, list[str]] = {}
    for rule in policy.pack.rules:
        if rule.as_of is not None and rule.as_of != status.as_of:
            rules.setdefault(rule.as_of, []).append(rule.id)
    looked = [(status.as_of, policy.pack.id), *((day, ", ".join(of)) for day, of in rules.items())]
    return [
        f"the status of {of} was last looked at on {day}, {(ran_on - day).days} days before this "
        "run: look again before relying on it"
        for day, of in sorted(looked)
        if (ran_on - day).days > MOST_DAYS_OLD
    ]


def supposed(case: FleetContext, findings: Iterable[Finding], last: date | None) -> list[str]:
    """Return what the pack says of the authorizations that a verdict rests on, each once.

    It rests on one where a rule that binds by it was judged, or a group that holds it was charged
    with something by it up to the day `last`.
    """
    policy = case.policy
    said = policy.pack.status.authorizations
    if not said:
        return []
    binds = {rule.id: rule.binds.authorization for rule in policy.pack.rules}
    used = {
        binds[finding.rule] for finding in findings if finding.verdict is not Verdict.NOT_APPLICABLE
    }
    return [
        sentence for name, sentence in said.items() if name in used or _is_charged(case, name, last)
    ]


def _is_charged(case: FleetContext, authorization: str, last: date | None) -> bool:
    """Tell whether something was received by an authorization that its owner's group holds."""
    import polars as pl

    if case.policy.pack.ledger is None or last is None:
        return False
    parents = case.companies.parents
    holders = [name for name, one in parents.items() if one.holds(authorization)]
    if not holders:
        return False
    charges = case.books.ledger.charges_to([Channel(authorization)])
    by_then = pl.col("day").is_null() | (pl.col("day") <= last)
    return not charges.filter(by_then & pl.col("owner").is_in(holders)).is_empty()


def unjudged(policy: Policy) -> tuple[UnjudgedDuty, ...]:
    """Return the duties of the law that no input table shows, as the pack lists them."""
    status = policy.pack.status
    return tuple(
        UnjudgedDuty(
            pack=policy.pack.id,
            id=one.id,
            title=one.title,
            why=one.why,
            citation=one.citation,
            codified=status.codified if one.codified is None else one.codified,
            enforced=status.enforced if one.enforced is None else one.enforced,
            as_of=one.as_of or status.as_of,
        )
        for one in policy.pack.unjudged
    )


def unmeasured(missed: Sequence[str], watched: frozenset[str]) -> list[str]:
    """Say which rules had no measurement date, and which of them were only watched."""
    notes = []
    unseen = [name for name in missed if name not in watched]
    if unseen:
        notes.append(f"NOT JUDGED, no measurement date on the days judged: {', '.join(unseen)}")
    if between := [name for name in missed if name in watched]:
        notes.append(
            "no measurement date on the days judged, and between dates only what breaks it is "
            f"shown: {', '.join(between)}"
        )
    return notes


def too_early(policy: Policy, findings: Iterable[Finding]) -> list[str]:
    """Say which rules were judged on a day before the first on which they are measured at all."""
    early: dict[tuple[date, date], list[str]] = {}
    for finding in findings:
        first = policy.schedules[policy.rule(finding.rule).schedule].first
        if (
            first is not None
            and finding.date < first
            and finding.verdict is not Verdict.NOT_APPLICABLE
        ):
            early.setdefault((finding.date, first), []).append(finding.rule)
    return [
        f"NOT YET A RULE on {day}, and judged as if it were: {', '.join(dict.fromkeys(rules))}, "
        f"measured from {first} on"
        for (day, first), rules in sorted(early.items())
    ]


def not_written_for(case: FleetContext, findings: Iterable[Finding]) -> list[str]:
    """Say which owners are bound by rules whose text is about companies seated elsewhere."""
    policy = case.policy
    written = policy.pack.written_for
    if written is None:
        return []
    bound = {finding.owner for finding in findings if finding.verdict is not Verdict.NOT_APPLICABLE}
    last = max((finding.date for finding in findings), default=policy.pack.status.as_of)
    seats = policy.groups_on(last)[written.headquarters]
    others = [
        f"{name} ({one.headquarters})"
        for name, one in sorted(case.companies.judged.items())
        if name in bound and one.headquarters and one.headquarters not in seats
    ]
    if not others:
        return []
    shown = others[:MOST_NAMED]
    more = [f"and {len(others) - MOST_NAMED} more"] if len(others) > MOST_NAMED else []
    return [f"{', '.join(shown + more)}: {written.note}"]


def assumed(policy: Policy, entities: Entities | None, plans: bool) -> tuple[str, ...]:
    """Return what was assumed: of companies, and the options that are not the pack's defaults."""
    found = []
    if entities is not None and entities.assumed:
        one = entities.entity("")
        held = ", ".join(sorted(one.authorizations)) or "none"
        found.append(
            "every owner is its own ultimate parent, with headquarters in "
            f"{one.headquarters} and authorization {held}"
        )
    found.append(f"basis: {policy.basis.value}")
    for name, value in policy.options.items():
        option = policy.pack.options[name]
        if value != option.default:
            found.append(f"{name} = {value}: {option.values[value]}")
    if not plans:
        found.append("ordered and planned lots are left out")
    return tuple(found)


def counted_as(timeline: Timeline, catalog: Catalog) -> list[str]:
    """Say what is counted of models of which schedulers or data sheets count something else."""
    models = sorted(timeline.once["model"].unique().to_list())
    said = [(model, catalog.accelerators[model].one_is) for model in models]
    listed = "; ".join(f"{model}: {one_is}" for model, one_is in said if one_is)
    return [f"what one accelerator is: {listed}"] if listed else []


def uncounted(timeline: Timeline, scope: Classification) -> tuple[list[str], list[str]]:
    """Say which models of the inventory enter no total; and of which it is not known."""
    import polars as pl

    held = timeline.once.group_by("model", "unit_den").agg(
        (pl.col("quantity") * pl.col("unit_num")).sum().alias("count")
    )
    totals: dict[str, Fraction] = {}
    for model, den, count in held.sort("model").iter_rows():
        totals[model] = totals.get(model, Fraction()) + Fraction(count, den)
    out, doubtful = [], []
    for model, count in totals.items():
        weight = scope.weight(model, "tpp")
        if weight.counted is Counted.NO:
            out.append(f"{model} ({grouped(plain(count))}{_but_by(model, scope)})")
        elif weight.counted is Counted.UNKNOWN:
            doubtful.append(f"{model} (supply {', '.join(weight.missing)})")
    test = scope.policy.pack.counted.title
    return (
        [f"not counted, since no test of '{test}' holds: {', '.join(out)}"] if out else [],
        [f"judged both ways, since a field is missing: {', '.join(doubtful)}"] if doubtful else [],
    )


def _but_by(model: str, scope: Classification) -> str:
    """Say which rules count a model, or may, by a test of their own."""
    own = [rule.id for rule in scope.policy.on_totals if rule.counted is not None]
    found = [one for one in own if scope.weight(model, "tpp", one).counted is not Counted.NO]
    return f"; but by {', '.join(found)}" if found else ""


def unused(records: SideTables, *policies: Policy) -> list[str]:
    """Return which tables hold no row, and which were given to packs without a rule about them."""
    notes = [
        f"{file}: NO ROWS below the header, so nothing of it was judged" for file in records.empty
    ]
    rules = [rule for policy in policies for rule in policy.pack.rules]
    ids = [policy.pack.id for policy in policies]
    none = f"{ids[0]} has no rule" if len(ids) == 1 else f"none of {', '.join(ids)} has a rule"
    if records.shipments and not any(_ships(rule) for rule in rules):
        notes.append(f"{records.shipments_file}: {none} about shipments")
    if (
        records.weights is not None
        and records.weights.rows
        and not any(isinstance(rule, RuleOnWeights) for rule in rules)
    ):
        notes.append(f"{records.weights.file}: {none} about model weights")
    return [*notes, *balance_notes(policies, records.balances)]


def _ships(rule: AnyRule) -> bool:
    return isinstance(rule, RatioRule) or (
        isinstance(rule, ProhibitionRule) and rule.measure == "shipped"
    )
