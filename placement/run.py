"""One check, from an inventory to a report: companies, agenda, judge, record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement import agenda
from placement.agenda import Day
from placement.amounts import grouped, plain
from placement.catalog import Catalog
from placement.errors import InputError, Problem, UsageError
from placement.inventory import Inventory
from placement.judge import Judgement, judge, not_measured
from placement.policy import Policy, Subject
from placement.position import Timeline
from placement.report import Finding, PackInfo, Report, exit_code, overall
from placement.scope import Scope
from placement.vocabulary import Basis, Counted

if TYPE_CHECKING:
    from placement.sources.entities import Entities

#: Without dates, so many years are judged at most: 9999-12-31 in a file means never.
MOST_YEARS = 10

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class When:
    """Which days to judge: as of a day, between two days, or (neither) from today on."""

    as_of: date | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse half a range, and a day together with a range."""
        if (self.since is None) != (self.until is None):
            raise UsageError(Problem("--from and --until go together", "give both, or --as-of"))
        if self.as_of is not None and self.since is not None:
            raise UsageError(Problem("--as-of and --from exclude each other", "give one of them"))

    def days(self, policy: Policy, timeline: Timeline, last: date | None) -> list[Day]:
        """Give the agenda; `last` is the last date in the inventory."""
        if self.as_of is not None:
            return agenda.as_of(policy, self.as_of)
        if self.since is not None and self.until is not None:
            changes = timeline.changes(self.since, self.until)
            return agenda.from_until(policy, self.since, self.until, changes)
        now = today()
        if last is not None:
            last = min(last, now.replace(year=now.year + MOST_YEARS, day=1))
        changes = timeline.changes(now, last) if last is not None else []
        return agenda.default(policy, now, last, changes)


def check_inventory(
    inventory: Inventory,
    *,
    policy: Policy,
    catalog: Catalog,
    entities: Entities | None = None,
    days: Sequence[Day] | When = When(),
    plans: bool = True,
    assumptions: tuple[str, ...] = (),
) -> Report:
    """Judge an inventory; InputError for owners without headquarters where a rule needs them.

    `plans` False leaves ordered and planned lots out; `assumptions` are added to the report's.
    Raises NothingEvaluatedError where no rule
    was bound to anything.
    """
    subjects = subjects_of(inventory, policy, entities)
    names = {name: subject.name for name, subject in subjects.items()}
    timeline = Timeline(inventory, names, policy.basis, plans)
    since = until = None
    if isinstance(days, When):
        since, until = days.since, days.until
        days = days.days(policy, timeline, inventory.last_date())
    scope = Scope(policy, catalog)
    by_name = {subject.name: subject for subject in subjects.values()}
    judgement = judge(timeline, days, scope, by_name, inventory.source)
    missed = agenda.unmeasured(policy, days)
    if days and missed:
        ends = since or days[0].day, until or days[-1].day
        rules = [rule for rule in policy.pack.rules if rule.id in missed]
        unseen = not_measured(rules, by_name, *ends)
        judgement = Judgement((*judgement.findings, *unseen), judgement.evaluated)
    judgement.require_evaluated()
    return report(
        policy,
        judgement.findings,
        dates=tuple(day.day for day in days if day.measured),
        assumptions=(*assumptions, *_assumptions(policy, entities, plans)),
        notes=(
            *inventory.notes,
            *(entities.notes if entities is not None else ()),
            *catalog.changes,
            *(
                [f"NOT JUDGED, no measurement date on the days judged: {', '.join(missed)}"]
                * bool(missed)
            ),
            *_alike(subjects),
            *_uncounted(timeline, scope),
        ),
    )


def report(
    policy: Policy,
    findings: tuple[Finding, ...],
    *,
    dates: tuple[date, ...],
    assumptions: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Report:
    """Put findings into the record of a run."""
    verdict = overall(findings)
    pack = policy.pack
    return Report(
        verdict=verdict,
        exit_code=exit_code(verdict),
        dates=dates,
        pack=PackInfo(
            id=pack.id,
            version=pack.version,
            digest=policy.digest,
            title=pack.title,
            citation=pack.citation,
            status=pack.status.text,
            status_as_of=pack.status.as_of,
            options=dict(policy.options),
        ),
        assumptions=assumptions,
        notes=tuple(dict.fromkeys(notes)),
        findings=findings,
    )


def today() -> date:
    """Give the calendar day where the user is."""
    return date.today()  # noqa: DTZ011


def subjects_of(
    inventory: Inventory, policy: Policy, entities: Entities | None
) -> dict[str, Subject]:
    """Give the owner group of each company of the inventory; InputError, UsageError as above."""
    company = "owner" if policy.basis is Basis.OWNED else "operator"
    companies = sorted(inventory.lots[company].unique().to_list())
    source = inventory.source
    if entities is None:
        if any(rule.binds.model_fields_set for rule in policy.pack.rules):
            raise UsageError(_entities_needed(companies, policy, source))
        return {name: Subject(name, "", frozenset()) for name in companies}
    problems = entities.problems_for(companies, source)
    if problems:
        raise InputError(problems)
    return {
        name: Subject(
            entities.ultimate_parent(name),
            entities.headquarters(name),
            entities.authorizations(name),
        )
        for name in companies
    }


def _entities_needed(companies: list[str], policy: Policy, source: str) -> Problem:
    rows = [f"{_cell(name)},,," for name in companies[:_MOST_NAMED]]
    if len(companies) > _MOST_NAMED:
        rows.append(f"... and {len(companies) - _MOST_NAMED} more")
    listed = "\n".join(f"    {row}" for row in rows)
    return Problem(
        f"pack {policy.pack.id} binds owners by headquarters and authorization, and none are given",
        "give --headquarters US --authorization uveu for all owners (or the same keys in "
        "placement.toml), or --entities FILE with\n"
        f"    entity,parent,headquarters,authorization\n{listed}",
        file=source,
    )


def _cell(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\n\r') else name


def _assumptions(policy: Policy, entities: Entities | None, plans: bool) -> tuple[str, ...]:
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


def _alike(names: Iterable[str]) -> list[str]:
    """Say which companies differ only in case: they are taken as different ones."""
    spellings: dict[str, list[str]] = {}
    for name in sorted(names):
        spellings.setdefault(name.casefold(), []).append(name)
    return [
        f"taken as different companies: {', '.join(repr(name) for name in alike)}"
        for alike in spellings.values()
        if len(alike) > 1
    ]


def _uncounted(timeline: Timeline, scope: Scope) -> list[str]:
    """Say which models of the inventory enter no total, and which may or may not."""
    import polars as pl

    held = timeline.lots.group_by("model", "unit_den").agg(
        (pl.col("quantity") * pl.col("unit_num")).sum().alias("count")
    )
    totals: dict[str, Fraction] = {}
    for model, den, count in held.sort("model").iter_rows():
        totals[model] = totals.get(model, Fraction()) + Fraction(count, den)
    out, doubtful = [], []
    for model, count in totals.items():
        weight = scope.weight(model, "tpp")
        if weight.counted is Counted.NO:
            out.append(f"{model} ({grouped(plain(count))})")
        elif weight.counted is Counted.UNKNOWN:
            doubtful.append(f"{model} (supply {', '.join(weight.missing)})")
    test = scope.policy.pack.counted.title
    notes = []
    if out:
        notes.append(f"not counted, since no test of '{test}' holds: {', '.join(out)}")
    if doubtful:
        notes.append(f"judged both ways, since a field is missing: {', '.join(doubtful)}")
    return notes
