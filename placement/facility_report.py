"""The semi-annual account of a universal validated end user (supp. no. 10 to part 748, para. 10).

Facility by facility what stands there, and what came and went since the last report. One form for
each owner group that holds the authorization; the shares on it are the judge's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from placement.enums import Counted, Status
from placement.errors import Fault, UsageError, did_you_mean
from placement.fleet.classification import Weight
from placement.fleet.context import FleetContext
from placement.fleet.positions import Timeline
from placement.ledger.accounts import merged_note
from placement.policy import Policy, Subject
from placement.policy.rules import BaseRule, RuleOnTotals
from placement.report import Finding, PackInfo, ReadInfo, Report
from placement.text.decimals import plain, thousandths_text

if TYPE_CHECKING:
    import polars as pl

    from placement.inventory import Inventory
    from placement.readers.tables.entities import Entities

#: The authorization that the form is of, the rule whose schedule says when it is due, and the
#: groups of the pack that `report_scope` is about.
HELD = "uveu"
RULE = "uveu.outside_t1"
ALLIES, BARRED = "tier1", "tier3"

What = Literal["arrived", "relocated_in", "relocated_out", "left"]


@dataclass(frozen=True, slots=True)
class Chips:
    """Chips of one model of one owner under one operator at a facility; exact text.

    `each` and `total` in TPP. `planned`: ordered or planned, to be there by the day of the form.
    `excluded`: why the form does not cover the facility (None: it does).
    """

    site: str
    country: str
    owner: str
    operator: str
    accelerator: str
    each: str
    installed: str
    transferred: str
    planned: str
    total: str
    lines: tuple[int, ...]
    excluded: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What came to a facility, or left it, on a day after the last report.

    `relocated_out` mirrors `relocated_in`: the data name the country that was left, and no site.
    `other`: the country on the other side of a relocation. `forecast`: only planned.
    """

    what: What
    day: date
    site: str | None
    country: str
    other: str | None
    owner: str
    operator: str
    accelerator: str
    each: str
    count: str
    total: str
    forecast: bool
    lines: tuple[int, ...]
    excluded: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """The account of one owner group; `findings` are the judge's on its shares, on `as_of`."""

    owner: str
    members: tuple[str, ...]
    headquarters: str
    as_of: date
    since: date
    schedule: str
    scope: str
    source: str
    read: ReadInfo | None
    pack: PackInfo
    chips: tuple[Chips, ...]
    changes: tuple[Change, ...]
    total: str
    covered: str
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]


def last_report(policy: Policy, as_of: date) -> tuple[date, str]:
    """Return the report date before a day, and the title of the schedule that has it.

    The first report goes back to the first day of the schedule. UsageError where there is neither.
    """
    schedule = policy.schedules[_share_rule(policy).schedule]
    dates = list(schedule.between(as_of.replace(year=as_of.year - 2, day=1), as_of - _DAY))
    found = dates[-1] if dates else schedule.first
    if found is None or found >= as_of:
        message = f"no report date of {policy.pack.id} is before {as_of}"
        raise UsageError(Fault(message, "say with --since from when on changes are listed"))
    return found, schedule.title


def is_report_date(policy: Policy, day: date) -> bool:
    """Tell whether a report is due on a day."""
    return day in policy.schedules[_share_rule(policy).schedule].between(day, day)


def holders(case: FleetContext, owner: str | None) -> list[Subject]:
    """Return the owner groups that hold the authorization, or that of `owner`; else UsageError."""
    judged = case.companies.judged
    found = [one for _, one in sorted(judged.items()) if one.holds(HELD)]
    if owner is None:
        if not found:
            fix = "give an entities file that says who does, or --authorization uveu"
            raise UsageError(Fault(f"no owner of the inventory holds {HELD}", fix))
        return found
    groups = case.companies.groups.get(owner) or ((judged[owner],) if owner in judged else ())
    if not groups:
        fix = did_you_mean(owner, {*case.companies.groups, *judged}) or "name an owner of a lot"
        raise UsageError(Fault("the inventory has no such owner", fix, value=owner))
    held = [group for group in groups if group.holds(HELD)]
    if not held:
        named = ", ".join(one.name for one in found) or "nobody does"
        raise UsageError(
            Fault(f"it does not hold {HELD}, and gives no such account", f"holding it: {named}",
                    value=owner)
        )  # fmt: skip
    return held


def make_form(
    case: FleetContext,
    subject: Subject,
    inventory: Inventory,
    entities: Entities | None,
    judged: Report,
    *,
    as_of: date,
    since: date,
    schedule: str,
) -> Form:
    """Fill in the form of one owner group; `judged` is the report of the same day."""
    import polars as pl

    policy = case.policy
    timeline = Timeline(
        inventory,
        case.companies.names,
        policy.basis,
        policy.answers.of("planned") == "forecast",
    )
    desk = FacilityTables(case, as_of, since)
    never = pl.col("end").is_not_null() & (pl.col("end") == date.min)
    lots = timeline.lots.filter((pl.col("subject") == subject.name) & ~never)
    counted = lots.filter(pl.col("model").is_in(desk.counted(lots)))
    chips = tuple(desk.chips(counted))
    changes = tuple(desk.changes(counted))
    shares = [
        rule.id
        for rule in policy.pack.rules
        if rule.kind == "share" and rule.binds.authorization == HELD
    ]
    total = sum((Fraction(chip.total) for chip in chips), Fraction(0))
    covered = sum((Fraction(chip.total) for chip in chips if not chip.excluded), Fraction(0))
    return Form(
        owner=subject.name,
        members=_members(case, subject, entities),
        headquarters=subject.headquarters,
        as_of=as_of,
        since=since,
        schedule=schedule,
        scope=policy.answers.of("report_scope"),
        source=case.source,
        read=judged.read,
        pack=judged.pack,
        chips=chips,
        changes=changes,
        total=thousandths_text(total * 1000),
        covered=thousandths_text(covered * 1000),
        findings=tuple(
            finding
            for finding in judged.findings
            if finding.rule in shares and finding.owner == subject.name
        ),
        assumptions=judged.assumptions,
        notes=(*merged_note(inventory), *desk.notes(lots, counted)),
    )


class FacilityTables:
    """Sums up the lots of one owner group."""

    def __init__(self, case: FleetContext, as_of: date, since: date) -> None:
        self._case = case
        self._as_of = as_of
        self._since = since
        groups = case.policy.groups_on(as_of)
        _need_groups(case.policy)
        self._allies, self._barred = groups[ALLIES], groups[BARRED]
        self._only_allies = case.policy.answers.of("report_scope") == "tier1"

    def counted(self, lots: pl.DataFrame) -> list[str]:
        """Return the models that count, or may."""
        models = lots["model"].unique().to_list()
        return [model for model in models if self._weight(model).counted is not Counted.NO]

    def chips(self, lots: pl.DataFrame) -> Iterator[Chips]:
        """Return what stands at each facility on the day of the form."""
        import polars as pl

        day = self._as_of
        standing = lots.filter(
            (pl.col("start").is_null() | (pl.col("start") <= day))
            & (pl.col("end").is_null() | (pl.col("end") > day))
        )
        keys = ("country", "site", "owner", "operator", "model")
        for key, rows in _grouped(standing, keys):
            country, site, owner, operator, model = key
            counts = {"installed": Fraction(0), "transferred": Fraction(0), "planned": Fraction(0)}
            for row in rows:
                status = Status(row["status"])
                column = "planned" if status.is_forecast else "installed"
                counts["transferred" if status is Status.TRANSFERRED else column] += _count(row)
            each = self._weight(model).each
            texts = {name: plain(count) for name, count in counts.items()}
            yield Chips(
                site, country, owner, operator, model, thousandths_text(each), **texts,
                total=thousandths_text(sum(counts.values()) * each),
                lines=tuple(row["line"] for row in rows),
                excluded=self._excluded(country),
            )  # fmt: skip

    def changes(self, lots: pl.DataFrame) -> Iterator[Change]:
        """Return what came and went after the last report, up to the day of the form."""
        import polars as pl

        def within(column: str) -> pl.DataFrame:
            day = pl.col(column)
            return lots.filter((day > self._since) & (day <= self._as_of))

        came, gone = within("start"), within("end")
        moved = pl.col("from_country").is_not_null()
        abroad = moved & (pl.col("from_country") != pl.col("country"))
        found = [
            *self._changes("arrived", came.filter(~moved), "start"),
            *self._changes("relocated_in", came.filter(moved), "start"),
            *self._changes("relocated_out", came.filter(abroad), "start"),
            *self._changes("left", gone, "end"),
        ]
        found.sort(key=lambda one: (one.day, one.country, one.site or "", one.accelerator))
        yield from found

    def _changes(self, what: What, lots: pl.DataFrame, column: str) -> Iterator[Change]:
        keys = (
            column, "country", "site", "owner", "operator", "model", "from_country", "forecast",
        )  # fmt: skip
        for key, rows in _grouped(lots, keys):
            day, country, site, owner, operator, model, left, forecast = key
            other = left if what.startswith("relocated") else None
            if what == "relocated_out":
                country, other, site = left, country, None
            each = self._weight(model).each
            count = sum((_count(row) for row in rows), Fraction(0))
            yield Change(
                what, day, site, country, other, owner, operator, model, thousandths_text(each),
                plain(count), thousandths_text(count * each), forecast,
                tuple(row["line"] for row in rows), self._excluded(country),
            )  # fmt: skip

    def notes(self, lots: pl.DataFrame, counted: pl.DataFrame) -> Iterator[str]:
        """Say what is not in the form, and what the inventory cannot say."""
        import polars as pl

        left_out = lots.filter(~pl.col("model").is_in(counted["model"].unique().implode()))
        named = sorted(left_out["model"].unique().to_list())
        title = self._case.policy.pack.counted.title
        if named:
            yield f"left out, since no test of '{title}' holds: {', '.join(named)}"
        for model in sorted(counted["model"].unique().to_list()):
            weight = self._weight(model)
            if weight.counted is Counted.UNKNOWN:
                fields = ", ".join(weight.missing)
                yield f"{model} is listed although nobody knows whether it counts: supply {fields}"
        undated = counted.filter(pl.col("start").is_null()).height
        if undated:
            has, stands = ("1 lot has", "is") if undated == 1 else (f"{undated} lots have", "are")
            yield f"{has} no date of arrival and {stands} in no change: taken as there before"
        if not is_report_date(self._case.policy, self._as_of):
            yield f"{self._as_of} is no report date of the pack"
        if self._case.policy.answers.of("in_country") == "installed":
            yield "in_country = installed: the shares are without chips that are not installed yet"
        yield (
            "loss, damage, failure and resale are not in the inventory: say for each change with "
            "'left' why the chips left"
        )
        yield (
            "'relocated out' mirrors 'relocated in' by from_country, and names no facility: where "
            "the inventory also ends the lot that was moved, it is the same chips as 'left'"
        )

    def _weight(self, model: str) -> Weight:
        return self._case.scope.weight(model, "tpp")

    def _excluded(self, country: str) -> str | None:
        if country in self._barred:
            return BARRED
        if self._only_allies and country not in self._allies:
            return f"outside {ALLIES}, report_scope = tier1"
        return None


_DAY = timedelta(days=1)


def has_form(policy: Policy) -> bool:
    """Tell whether a pack has the rule whose account the form is."""
    return any(rule.id == RULE for rule in policy.pack.rules)


def _share_rule(policy: Policy) -> BaseRule:
    try:
        rule = policy.rule(RULE)
    except KeyError:
        raise UsageError(_no_form(policy, f"it has no rule {RULE}")) from None
    if not isinstance(rule, RuleOnTotals) or policy.schedules[rule.schedule].every_day:
        raise UsageError(_no_form(policy, f"{RULE} is measured on no fixed dates"))
    return rule


def _need_groups(policy: Policy) -> None:
    for name in (ALLIES, BARRED):
        if name not in policy.pack.groups:
            raise UsageError(_no_form(policy, f"it has no group {name}"))


def _no_form(policy: Policy, why: str) -> Fault:
    fix = "choose another pack with --policy, as ai-diffusion-2025"
    return Fault(f"pack {policy.pack.id} has no such form: {why}", fix)


def _members(case: FleetContext, subject: Subject, entities: Entities | None) -> tuple[str, ...]:
    """Return the companies of a group: of the inventory, and of the entities file."""
    found = {name for name, groups in case.companies.groups.items() if subject in groups}
    siblings = case.policy.answers.of("siblings") == "include"
    if entities is not None and not entities.assumed and siblings:
        found |= entities.group(subject.name)
    return tuple(sorted(found))


def _grouped(
    lots: pl.DataFrame, keys: Iterable[str]
) -> Iterator[tuple[tuple[Any, ...], list[Mapping[str, Any]]]]:
    """Return the rows of each key, both in order; null sorts as empty."""
    names = tuple(keys)
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in lots.filter(lots["quantity"] > 0).sort("line").iter_rows(named=True):
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    for key in sorted(found, key=lambda one: tuple(str(part or "") for part in one)):
        yield key, found[key]


def _count(row: Mapping[str, Any]) -> Fraction:
    return Fraction(row["quantity"] * row["unit_num"], row["unit_den"])
