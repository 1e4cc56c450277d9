"""Open questions of law that matter here: those whose other answer is about what the fleet has.

A question matters where lots, companies or charges exist that its answers treat differently. The
verdict may still be the same under each; asking is cheap, `--option NAME=VALUE` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from placement.compliance.passive import Passive
from placement.enums import Counted, Status, Verdict
from placement.fleet.context import FleetContext
from placement.policy.rules import AnyRule, RuleOnTotals, RuleOnWeights
from placement.policy.rules.base import OptionChoice
from placement.policy.rules.linear import Received
from placement.report import Finding

if TYPE_CHECKING:
    import polars as pl

_SHOWN = 5


def open_questions(case: FleetContext, findings: Iterable[Finding], day: date) -> tuple[str, ...]:
    """Return a line for each open question that matters; `day` is the last one judged."""
    found = tuple(findings)
    asked = {
        name: option for name, option in case.policy.pack.options.items() if len(option.values) > 1
    }
    lines = []
    for name, option in asked.items():
        why = _why(name, case, found, day)
        if why:
            chosen = case.policy.options[name]
            default = " (default)" if chosen == option.default else ""
            lines.append(
                f"{name} = {chosen}{default}: {option.question} {_capital(option.values[chosen])}. "
                f"It matters here: {why}"
            )
    return tuple(lines)


def _why(name: str, case: FleetContext, findings: tuple[Finding, ...], day: date) -> str | None:
    if name in _ASKED:
        return _ASKED[name](case, findings, day)
    return _by_group(name, case, day) or _by_rule(name, case, findings, day)


def _tf32(case: FleetContext, _: tuple[Finding, ...], __: date) -> str | None:
    models = [case.scope.catalog.accelerators[name] for name in _models(case)]
    return _named("models", [model.model for model in models if model.mtpp(19) != model.mtpp(32)])


def _planned(case: FleetContext, _: tuple[Finding, ...], day: date) -> str | None:
    lots = case.books.timeline.inventory.lots
    planned = lots["status"].is_in([one.value for one in Status if one.is_forecast])
    found = int((planned & (lots["start"] <= day)).sum())
    return f"{_counted(found, 'lot')} ordered or planned" if found else None


def _transferred(case: FleetContext, _: tuple[Finding, ...], __: date) -> str | None:
    lots = case.books.timeline.inventory.lots
    found = int((lots["status"] == Status.TRANSFERRED.value).sum())
    return f"{_counted(found, 'lot')} transferred, not installed" if found else None


def _operators(case: FleetContext, _: tuple[Finding, ...], __: date) -> str | None:
    import polars as pl

    parents = case.companies.parents
    once = case.books.timeline.once.select("owner", "operator")
    differ = sorted(
        f"{operator} for {owner}"
        for owner, operator in once.filter(pl.col("owner") != pl.col("operator")).unique().rows()
        if owner not in parents or parents.get(operator) != parents[owner]
    )
    return _named("others operate", differ)


def _siblings(case: FleetContext, _: tuple[Finding, ...], __: date) -> str | None:
    return _named("sister companies own chips in the group of", list(case.companies.siblings))


def _passive(_: FleetContext, findings: tuple[Finding, ...], __: date) -> str | None:
    passive = sorted(
        {f"{finding.rule} in {finding.place}" for finding in findings if finding.passive}
    )
    return _named("passive breaches", passive)


def _limit_on(case: FleetContext, findings: tuple[Finding, ...], day: date) -> str | None:
    """Tell which shares are freed, or would be, where only what newly comes is limited."""
    looked = Passive(case)
    old = sorted(
        {
            f"{finding.rule} in {finding.place}"
            for finding in findings
            if not finding.passive
            and (
                "limit_on = transfers" in (finding.reason or "")
                or _is_of_old(finding, case, looked)
            )
        }
    )
    passive = _passive(case, findings, day)
    named = _named("nothing newly came to what is above the limit of", old)
    return "; ".join(text for text in (passive, named) if text) or None


def _is_of_old(found: Finding, case: FleetContext, passive: Passive) -> bool:
    """Tell whether nothing came where a share is broken since it was measured first."""
    if found.kind != "share" or found.verdict is not Verdict.BREACH or found.comparison != "<=":
        return False
    places = case.policy.groups_on(found.date).get(found.place, frozenset({found.place}))
    last = passive.last_arrival(found.owner, places, found.date)
    first = case.policy.schedules[case.policy.rule(found.rule).schedule].first
    return last is None or (first is not None and last < first)


def _between(_: FleetContext, findings: tuple[Finding, ...], __: date) -> str | None:
    between = [finding for finding in findings if (finding.reason or "").startswith("between two")]
    return f"{_counted(len(between), 'finding')} between two dates" if between else None


def _charged(case: FleetContext, _: tuple[Finding, ...], __: date) -> str | None:
    seats = {name: one.headquarters for name, one in case.companies.parents.items()}
    pairs = _charges(case).select("owner", "country").unique().iter_rows()
    abroad = sorted(
        {f"{owner} in {country}" for owner, country in pairs if seats[owner] != country}
    )
    return _named("licences are charged for", abroad)


#: Questions that the tool acts on: what of the fleet each is about.
_ASKED: Mapping[str, Callable[[FleetContext, tuple[Finding, ...], date], str | None]] = {
    "tf32_bits": _tf32,
    "planned": _planned,
    "in_country": _transferred,
    "basis": _operators,
    "siblings": _siblings,
    "limit_on": _limit_on,
    "passive": _passive,
    "between_dates": _between,
    "charge_by": _charged,
    "report_scope": lambda *_: None,
    "blank_licence": lambda *_: None,  # told as an assumption, with the amounts
}


def _by_group(name: str, case: FleetContext, day: date) -> str | None:
    """Tell which places of the fleet, or seats of its owners, change groups with an answer."""
    policy = case.policy
    groups = policy.pack.groups
    if not any(one.option == name for group in groups.values() for one in group.when):
        return None
    now = policy.groups_on(day)
    for_all = _only_for_all(case)
    moved: set[str] = set()
    moved_for_all: set[str] = set()
    for value in policy.pack.options[name].values:
        then = policy.groups_under({**policy.options, name: value}, day)
        for group in groups:
            changed = now[group] ^ then[group]
            (moved_for_all if group in for_all else moved).update(changed)
    if moved_for_all and not moved:
        charged = _charges(case)["owner"].unique().to_list()
        parents = case.companies.parents
        owners = [owner for owner in charged if parents[owner].headquarters in moved_for_all]
        return _named("licences are charged to", sorted(owners))
    named = (
        _named(what, sorted(moved & places)) for what, places in _places(case, policy.pack.rules)
    )
    return "; ".join(text for text in named if text) or None


def _places(case: FleetContext, rules: Iterable[AnyRule]) -> Iterator[tuple[str, set[str]]]:
    """Return every country that the files of a run name, by what is there."""
    seats = {parent.headquarters for parent in case.companies.parents.values()}
    seats.update(*case.companies.seats.values())
    yield (
        "lots or headquarters in",
        seats.union(case.books.timeline.once["country"].unique().to_list()),
    )
    if any(isinstance(rule, RuleOnTotals) and _ships(rule) for rule in rules):
        yield (
            "shipments from, to or for use in",
            {
                country
                for shipment in case.books.shipments
                for country in (shipment.from_country, shipment.to_country, shipment.end_use)
            },
        )
    if case.weights is None or not any(isinstance(r, RuleOnWeights) for r in rules):
        return
    from placement.compliance.model_weights import site_country

    closed = [row for _, row in case.weights.rows if not row.published]
    sites = {site for one in closed for site in (one.storage_site, one.finetune_site) if site}
    yield "closed model weights or fine-tuning in", {site_country(site, case) for site in sites}
    yield "customers of fine-tuning in", {row.customer_headquarters or "" for row in closed}


def _ships(rule: RuleOnTotals) -> bool:
    return rule.kind == "ratio" or getattr(rule, "measure", "stock") == "shipped"


def _only_for_all(case: FleetContext) -> set[str]:
    """Return the groups that only say whose charges a rule about all owners adds up."""
    rules = [rule for rule in case.policy.pack.rules if isinstance(rule, RuleOnTotals)]
    seats = {rule.binds.headquarters for rule in rules if rule.about == "all"}
    others = {group for rule in rules for _, group in rule.groups_named()}
    return {group for group in seats if group is not None} - others


def _by_rule(name: str, case: FleetContext, findings: tuple[Finding, ...], day: date) -> str | None:
    """Tell which rules that were judged rest on an answer: conditions, windows, dates."""
    rules: list[str] = []
    judged = {finding.rule for finding in findings if finding.verdict is not Verdict.NOT_APPLICABLE}
    for rule in case.policy.pack.rules:
        is_judged = rule.id in judged
        if rule.only_if is not None and rule.only_if.option == name:
            rules += [rule.id] if is_judged else []
        if isinstance(rule, Received) and _asks(rule.received_since, name):
            rules += [rule.id] if _differs_by_window(name, rule, case, day) else []
        schedule = case.policy.pack.schedules[rule.schedule]
        if any(one.option == name for one in schedule.when) and len({f.date for f in findings}) > 1:
            rules += [rule.id] if is_judged else []
        if is_judged and _asks(getattr(rule, "window", None), name):
            rules.append(rule.id)
        if _asks(rule.binds.whose, name) and _seats_differ(rule, case, day):
            rules.append(rule.id)
        if is_judged and _asks(getattr(rule, "licensed", None), name):
            rules += (
                [rule.id] if any(shipment.licensed for shipment in case.books.shipments) else []
            )
    return _named("it bears on", sorted(set(rules)))


def _asks(value: object, name: str) -> bool:
    """Tell whether the value of a field is the answer to a question."""
    return isinstance(value, OptionChoice) and value.option == name


def _seats_differ(rule: AnyRule, case: FleetContext, day: date) -> bool:
    """Tell whether a holder is seated where a rule binds, and its parent is not, or the reverse."""
    group = case.policy.groups_on(day)[rule.binds.headquarters or ""]
    return any(
        (one.headquarters in group) == one.holders.isdisjoint(group)
        for one in case.companies.judged.values()
        if one.holders and one.holds(rule.binds.authorization or "")
    )


def _differs_by_window(name: str, rule: Received, case: FleetContext, day: date) -> bool:
    import polars as pl

    dates = [date.fromisoformat(value) for value in case.policy.pack.options[name].values]
    ledger = case.books.ledger
    charges = ledger.charges_to(rule.channels) if rule.channels else ledger.charges
    within = (pl.col("day") >= min(dates)) & (pl.col("day") < max(dates)) & (pl.col("day") <= day)
    return not charges.filter(within).is_empty()


def _charges(case: FleetContext) -> pl.DataFrame:
    """Return the charges to channels that some cap about all owners counts."""
    channels = {
        channel
        for rule in case.policy.pack.rules
        if isinstance(rule, Received) and rule.about == "all"
        for channel in rule.channels
    }
    return case.books.ledger.charges_to(channels)


def _models(case: FleetContext) -> Iterator[str]:
    shipped = {shipment.model for shipment in case.books.shipments}
    for model in sorted(shipped.union(case.books.timeline.once["model"].unique().to_list())):
        if case.scope.weight(model, "tpp").counted is not Counted.NO:
            yield model


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"


def _named(what: str, names: list[str]) -> str | None:
    if not names:
        return None
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{what} {', '.join(names[:_SHOWN])}{more}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
