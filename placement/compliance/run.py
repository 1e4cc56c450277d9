"""One check, from an inventory to a report: companies, agenda, judge, record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from placement.catalog import Catalog
from placement.compliance import dates as agenda
from placement.compliance.blank_licences import blanks_of, said
from placement.compliance.dates import FROM_TODAY, Day, EvaluationDates, today
from placement.compliance.judge import Judgement, judge
from placement.compliance.notes import (
    aged,
    assumed,
    counted_as,
    not_written_for,
    supposed,
    too_early,
    uncounted,
    unjudged,
    unmeasured,
    unused,
)
from placement.compliance.open_questions import open_questions
from placement.compliance.shipment_notes import before_their_rules, taken_as_unlicensed
from placement.fleet.account_notes import said_of, tally_notes
from placement.fleet.context import FleetContext, build_context
from placement.fleet.side_tables import NO_SIDE_TABLES, SideTables
from placement.inventory import Inventory
from placement.loading.inputs import read_of
from placement.policy import Policy, is_changed
from placement.report import Finding, PackInfo, ReadInfo, Report, exit_code, overall

if TYPE_CHECKING:
    from placement.readers.tables.entities import Entities


def check_inventory(
    inventory: Inventory,
    *,
    policy: Policy,
    catalog: Catalog,
    entities: Entities | None = None,
    days: Sequence[Day] | EvaluationDates = FROM_TODAY,
    plans: bool = True,
    records: SideTables = NO_SIDE_TABLES,
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
    case = build_context(inventory, policy, catalog, entities, plans=plans, records=records)
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
    case: FleetContext,
    *,
    catalog: Catalog,
    entities: Entities | None,
    days: Sequence[Day] | EvaluationDates,
    plans: bool = True,
    records: SideTables = NO_SIDE_TABLES,
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
    inventory, ran_on = timeline.inventory, ran_on or today()
    is_of_run = isinstance(days, EvaluationDates) and days.is_of_run
    days, ends = agenda_of(days, case, records, ran_on)
    last = days[-1].day if days else None
    missed = agenda.unmeasured(policy, days)
    judgement = _judgement(case, days, ends, missed).of_run(ran_on if is_of_run else None)
    blanks = None if packs else blanks_of(case, judgement.findings, last)
    out, doubtful = uncounted(timeline, case.scope)
    made = report(
        policy,
        judgement.findings,
        ran_on=ran_on,
        dates=_dates(days, judgement.findings),
        read=read_of(inventory, tables or {}),
        assumptions=(
            *assumptions,
            *assumed(policy, entities, plans),
            *inventory.assumptions,
            *(taken_as_unlicensed(case, records.shipments_file, last) if last else ()),
            *said_of(case),
            *(said([blanks]) if blanks is not None else ()),
        ),
        notes=(
            *inventory.notes,
            *(entities.notes if entities is not None else ()),
            *catalog.changes,
            *records.notes,
            *(before_their_rules(case, records.shipments_file, last) if last else ()),
            *unused(records, *(packs or (policy,))),
            *tally_notes(case, _judged_rules(judgement.findings)),
            *aged(policy, ran_on),
            *supposed(case, judgement.findings, last),
            *unmeasured(missed, agenda.watched(days)),
            *too_early(policy, judgement.findings),
            *not_written_for(case, judgement.findings),
            *doubtful,
        ),
        lesser_notes=(*inventory.lesser_notes, *out, *counted_as(timeline, catalog)),
        questions=open_questions(case, judgement.findings, last) if last else (),
    )
    return made, judgement


def _judgement(
    case: FleetContext,
    days: Sequence[Day],
    ends: tuple[date, date] | None,
    missed: Sequence[str],
) -> Judgement:
    """Judge some days; of rules that are measured on none between the `ends` it is said."""
    judgement = judge(case, days)
    if ends is None or not missed:
        return judgement
    return judgement.with_unmeasured(case, missed, *ends, watched=agenda.watched(days))


def agenda_of(
    asked: Sequence[Day] | EvaluationDates, case: FleetContext, records: SideTables, ran_on: date
) -> tuple[Sequence[Day], tuple[date, date] | None]:
    """Return the days on which is judged, and between which; None where there is no day."""
    if not isinstance(asked, EvaluationDates):
        return asked, (asked[0].day, asked[-1].day) if asked else None
    timeline, also = case.books.timeline, records.balances.days
    shipped = {shipment.day for shipment in records.shipments}
    last = _last_date(timeline.inventory, records)
    days = asked.days(case.policy, timeline, last, shipped, also, ran_on=ran_on)
    return days, (asked.since or days[0].day, asked.until or days[-1].day) if days else None


def _judged_rules(findings: Iterable[Finding]) -> set[str]:
    return {finding.rule for finding in findings if (finding.numerator or "").strip("0.")}


def _dates(days: Sequence[Day], findings: Iterable[Finding]) -> tuple[date, ...]:
    """Return the days on which some rule is measured, and those between on which one was found."""
    told = {finding.date for finding in findings}
    return tuple(day.day for day in days if day.measured or day.day in told)


def _last_date(inventory: Inventory, records: SideTables) -> date | None:
    days = [*(shipment.day for shipment in records.shipments), *records.balances.days]
    last = inventory.last_date()
    return max([*days, *([last] if last is not None else [])], default=None)


def report(
    policy: Policy,
    findings: tuple[Finding, ...],
    *,
    dates: tuple[date, ...],
    ran_on: date | None = None,
    read: ReadInfo | None = None,
    assumptions: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    lesser_notes: tuple[str, ...] = (),
    questions: tuple[str, ...] = (),
) -> Report:
    """Put findings into the record of a run; the notes of a report hold the lesser ones, too."""
    verdict = overall(findings)
    info = pack_info(policy)
    return Report(
        verdict=verdict,
        exit_code=exit_code(verdict),
        dates=dates,
        ran_on=ran_on,
        pack=info,
        packs=(info,),
        read=read,
        assumptions=assumptions,
        notes=tuple(dict.fromkeys((*notes, *lesser_notes))),
        lesser_notes=tuple(dict.fromkeys(lesser_notes)),
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
