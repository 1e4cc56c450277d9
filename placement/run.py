"""One check, from an inventory to a report: companies, agenda, judge, record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from placement import agenda
from placement.account_notes import said_of, tally_notes
from placement.agenda import Day
from placement.amounts import plain
from placement.balances import NO_BALANCES, Balances, unknown_consignees, with_consignees
from placement.blanks import blanks_of, said
from placement.books import Books
from placement.catalog import Catalog
from placement.companies import Companies, companies_of
from placement.errors import Gathering, Problem, UsageError
from placement.intake import unknown_sites, unused
from placement.inventory import Inventory
from placement.judge import Judgement, judge, not_measured
from placement.judges.case import Case
from placement.policy import Policy, is_changed
from placement.policy.kinds import CapRule, NoticeRule
from placement.position import Timeline
from placement.questions import open_questions
from placement.remarks import (
    aged,
    assumed,
    counted_as,
    not_written_for,
    supposed,
    too_early,
    uncounted,
    unjudged,
    unmeasured,
)
from placement.report import Finding, PackInfo, ReadInfo, Report, exit_code, overall
from placement.scope import Scope
from placement.shipped import taken_as_unlicensed
from placement.vocabulary import Basis, Measure

if TYPE_CHECKING:
    from placement.sources.entities import Entities
    from placement.sources.lookalikes import Mention
    from placement.sources.shipments import Shipment
    from placement.sources.sites import Sites
    from placement.sources.table import Table
    from placement.sources.weights import WeightsRow

#: Without dates, so many years are judged at most: 9999-12-31 in a file means never.
MOST_YEARS = 10


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

    def days(
        self,
        policy: Policy,
        timeline: Timeline,
        last: date | None,
        shipped: Iterable[date] = (),
        also: Iterable[date] = (),
        *,
        ran_on: date | None = None,
    ) -> list[Day]:
        """Return the agenda; `last`: of the inventory; `shipped`: the days of shipments.

        `also`: other days on which something changes. `ran_on`: the day of the run.
        """
        if self.as_of is not None:
            return agenda.as_of(policy, self.as_of)
        since, until = self.since, self.until
        now = ran_on or today()
        if since is None or until is None:
            if last is not None:
                last = min(last, now.replace(year=now.year + MOST_YEARS, day=1))
            since, until = now, last
        changes: set[date] = set(also)
        if until is not None:
            changes.update(timeline.changes(since, until), _beginnings(policy))
            if policy.answers.of("in_country") == "installed":
                installed = timeline.once["in_service"].drop_nulls().unique().to_list()
                changes.update(day for day in installed if since <= day <= until)
            on = policy.on(until)
            if any(rule.of(on).measure is Measure.SHIPPED for rule in policy.on_totals):
                changes.update(shipped)
            if any(isinstance(rule, NoticeRule) for rule in policy.pack.rules):
                changes.add(until)  # on it all that are due by then are seen, whatever comes later
        if self.since is None or until is None:
            return agenda.default(policy, now, until, changes)
        return agenda.from_until(policy, since, until, changes)


def _beginnings(policy: Policy) -> set[date]:
    """Give the days on which a rule, its schedule, or its first limit begins."""
    days: set[date | None] = set()
    for rule in policy.pack.rules:
        days |= {rule.since, policy.schedules[rule.schedule].first}
        if isinstance(rule, CapRule) and rule.steps:
            days.add(rule.steps[0].since)
    return {day for day in days if day is not None}


@dataclass(frozen=True, slots=True)
class Records:
    """What a run knows beside its inventory: sites, shipments, model weights (None: not given).

    `balances`: what accounts were charged with by others. `notes` say what was not read; `empty`
    are the files in which there is no row; `read` has the rows of each file, `names` the companies
    and places that they name.
    """

    sites: Sites | None = None
    shipments: tuple[Shipment, ...] = ()
    shipments_file: str = "shipments.csv"
    weights: Table[WeightsRow] | None = None
    balances: Balances = NO_BALANCES
    notes: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    read: Mapping[str, int] = field(default_factory=dict)
    names: tuple[Mention, ...] = ()

    @property
    def companies(self) -> dict[str, str]:
        """Every company that is named in them, and the file that names it."""
        found = {one.exporter: self.shipments_file for one in self.shipments}
        if self.weights is not None:
            found |= {row.owner: self.weights.file for _, row in self.weights.rows}
        return found


def check_inventory(
    inventory: Inventory,
    *,
    policy: Policy,
    catalog: Catalog,
    entities: Entities | None = None,
    days: Sequence[Day] | When = When(),
    plans: bool = True,
    records: Records = Records(),
    assumptions: tuple[str, ...] = (),
    tables: Mapping[str, int] | None = None,
    ran_on: date | None = None,
) -> Report:
    """Judge an inventory; InputError for owners without headquarters where a rule needs them.

    `plans` False leaves ordered and planned lots out; `assumptions` are added to the report's,
    `tables` (rows by file) to what was read. `ran_on` is the day of the run (default: the
    calendar's), from which on is judged where no days are given.
    Raises NothingEvaluatedError where no rule was bound to anything.
    """
    case = make_case(inventory, policy, catalog, entities, plans=plans, records=records)
    made, judgement = check_case(
        case,
        catalog=catalog,
        entities=entities,
        days=days,
        plans=plans,
        records=records,
        assumptions=assumptions,
        tables=tables,
        ran_on=ran_on,
    )
    judgement.require_evaluated()
    return made


def check_case(
    case: Case,
    *,
    catalog: Catalog,
    entities: Entities | None,
    days: Sequence[Day] | When,
    plans: bool = True,
    records: Records = Records(),
    assumptions: tuple[str, ...] = (),
    tables: Mapping[str, int] | None = None,
    ran_on: date | None = None,
    packs: Sequence[Policy] = (),
) -> tuple[Report, Judgement]:
    """Judge what one policy looks at, also where nothing of it is bound: the judgement says so.

    `packs`: all the policies of the run, where there are others besides. The other arguments are
    those of `check_inventory`.
    """
    policy, timeline = case.policy, case.books.timeline
    inventory = timeline.inventory
    ran_on = ran_on or today()
    since = until = None
    if isinstance(days, When):
        since, until = days.since, days.until
        shipped = {one.day for one in records.shipments}
        last, also = _last_date(inventory, records), records.balances.days
        days = days.days(policy, timeline, last, shipped, also, ran_on=ran_on)
    judgement = judge(case, days)
    missed = agenda.unmeasured(policy, days)
    if days and missed:
        ends = since or days[0].day, until or days[-1].day
        rules = [rule for rule in policy.pack.rules if rule.id in missed]
        unseen = not_measured(policy, rules, case.companies.judged, *ends, agenda.watched(days))
        judgement = Judgement((*judgement.findings, *unseen), judgement.evaluated)
    blanks = None
    if not packs:
        blanks = blanks_of(case, judgement.findings, days[-1].day if days else None)
    made = report(
        policy,
        judgement.findings,
        dates=_dates(days, judgement.findings),
        read=read_of(inventory, tables or {}),
        assumptions=(
            *assumptions,
            *assumed(policy, entities, plans),
            *inventory.assumptions,
            *(taken_as_unlicensed(case, records.shipments_file, days[-1].day) if days else ()),
            *said_of(case),
            *(said([blanks]) if blanks is not None else ()),
        ),
        notes=(
            *inventory.notes,
            *(entities.notes if entities is not None else ()),
            *catalog.changes,
            *records.notes,
            *unused(records, *(packs or (policy,))),
            *tally_notes(case, _judged_rules(judgement.findings)),
            *aged(policy, ran_on),
            *supposed(case, judgement.findings, days[-1].day if days else None),
            *unmeasured(missed, agenda.watched(days)),
            *too_early(policy, judgement.findings),
            *not_written_for(case, judgement.findings),
            *uncounted(timeline, case.scope),
            *counted_as(timeline, catalog),
        ),
        questions=open_questions(case, judgement.findings, days[-1].day) if days else (),
    )
    return made, judgement


def _judged_rules(findings: Iterable[Finding]) -> set[str]:
    return {one.rule for one in findings if (one.numerator or "").strip("0.")}


def make_case(
    inventory: Inventory,
    policy: Policy,
    catalog: Catalog,
    entities: Entities | None,
    *,
    plans: bool = True,
    records: Records = Records(),
    like: Case | None = None,
    lines: bool = True,
) -> Case:
    """Put together what the judge looks at; InputError, UsageError as above.

    `like`: what another policy looks at of the same inventory: its timelines serve here, too, where
    they are the same. `lines` False: no finding names the lines that weigh most.
    """
    gathering = Gathering()
    with gathering.part("entities"):
        companies = companies_of(inventory, policy, entities, records.companies)
        gathering.add(unknown_consignees(records.balances, companies, entities))
    gathering.add(unknown_sites(inventory, policy, records))
    gathering.settle()
    companies = with_consignees(companies, records.balances, entities)
    answers = policy.answers
    plans = plans and answers.of("planned") == "forecast"
    timeline = _timeline(like, inventory, companies, plans=plans)
    transferred = answers.of("in_country") == "transferred"
    shares = None
    if policy.basis is not Basis.OWNED or not transferred:
        shares = _timeline(like, inventory, companies, policy.basis, plans, transferred)
    scope = Scope(policy, catalog)
    books = Books(
        timeline,
        companies,
        scope,
        inventory.source,
        shares=shares,
        shipments=records.shipments,
        shipments_file=records.shipments_file,
        sites=records.sites,
        balances=records.balances.known(companies),
        lines=lines,
    )
    if inventory.each_line is not None and policy.pack.ledger and books.ledger.is_ordered:
        # Lots of one day take room in the order of their lines, which merged lots have lost.
        other = like.books.timeline.inventory if like is not None else inventory
        whole = other if other.each_line is None else inventory.each_line()
        return make_case(whole, policy, catalog, entities, plans=plans, records=records, like=like)
    return Case(
        scope, companies, books, inventory.source, records.sites, records.weights,
        has_notices="notice_filed" in inventory.columns,
    )  # fmt: skip


def _timeline(
    like: Case | None,
    inventory: Inventory,
    companies: Companies,
    basis: Basis = Basis.OWNED,
    plans: bool = True,
    transferred: bool = True,
) -> Timeline:
    """Return the timeline of some companies, that of another policy where it is the same."""
    pairs = [(name, one.name) for name, groups in companies.groups.items() for one in groups]
    by = tuple(pairs), basis, plans, transferred
    for one in () if like is None else (like.books.timeline, like.books.shares):
        if one.inventory is inventory and one.by == by:
            return one
    return Timeline(inventory, companies.names, basis, plans, transferred)


def _dates(days: Sequence[Day], findings: Iterable[Finding]) -> tuple[date, ...]:
    """Give the days on which some rule is measured, and those between on which one was found."""
    told = {one.date for one in findings}
    return tuple(day.day for day in days if day.measured or day.day in told)


def _last_date(inventory: Inventory, records: Records) -> date | None:
    days = [*(one.day for one in records.shipments), *records.balances.days]
    last = inventory.last_date()
    return max([*days, *([last] if last is not None else [])], default=None)


def report(
    policy: Policy,
    findings: tuple[Finding, ...],
    *,
    dates: tuple[date, ...],
    read: ReadInfo | None = None,
    assumptions: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    questions: tuple[str, ...] = (),
) -> Report:
    """Put findings into the record of a run."""
    verdict = overall(findings)
    info = pack_info(policy)
    return Report(
        verdict=verdict,
        exit_code=exit_code(verdict),
        dates=dates,
        pack=info,
        packs=(info,),
        read=read,
        assumptions=assumptions,
        notes=tuple(dict.fromkeys(notes)),
        questions=questions,
        findings=findings,
        unjudged=unjudged(policy),
    )


def pack_info(policy: Policy) -> PackInfo:
    """Return which pack judges, with the answers chosen, and where its text stands in law."""
    pack = policy.pack
    return PackInfo(
        id=pack.id,
        version=pack.version,
        digest=policy.digest,
        origin=policy.origin,
        changed=is_changed(policy),
        title=pack.title,
        citation=pack.citation,
        status=pack.status.text,
        status_as_of=pack.status.as_of,
        options=dict(policy.options),
        added_groups={name: tuple(sorted(codes)) for name, codes in policy.added.items()},
    )


def read_of(inventory: Inventory, tables: Mapping[str, int]) -> ReadInfo:
    """Return what was read: an inventory, and the rows of the tables beside it by file."""
    own = {inventory.source: inventory.rows} if inventory.rows else {}
    return ReadInfo(
        files={**own, **tables},
        lots=inventory.rows,
        accelerators=plain(inventory.accelerators()),
    )


def today() -> date:
    """Give the calendar day where the user is."""
    return date.today()  # noqa: DTZ011
