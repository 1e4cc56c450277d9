"""One report of several policies: each judges by itself, and the worst verdict is that of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from placement.catalog import Catalog
from placement.compliance.blank_licences import blanks_of, said
from placement.compliance.dates import EvaluationDates
from placement.compliance.notes import unjudged
from placement.compliance.run import check_case, pack_info, report
from placement.enums import Verdict
from placement.errors import Fault, NothingEvaluatedError, UsageError
from placement.fleet.context import FleetContext, build_context
from placement.fleet.side_tables import SideTables
from placement.inventory import Inventory
from placement.policy import Policy
from placement.policy.rules import CapRule
from placement.report import Finding, ReadInfo, Report, exit_code, overall

#: The questions that decide what there is to plan with, whatever the rules say of it.
PLANNED_ALIKE = ("basis", "in_country", "planned", "siblings", "tf32_bits")

if TYPE_CHECKING:
    from placement.compliance.dates import Day
    from placement.readers.tables.entities import Entities


def check_policies(
    inventory: Inventory,
    *,
    policies: Sequence[Policy],
    catalog: Catalog,
    entities: Entities | None,
    days: Callable[[Policy], Sequence[Day]] | EvaluationDates,
    plans: bool = True,
    records: SideTables,
    assumptions: tuple[str, ...] = (),
    tables: Mapping[str, int] | None = None,
    ran_on: date | None = None,
    settle: Callable[[Report, Sequence[FleetContext]], Report] = lambda made, _: made,
) -> tuple[Report, tuple[FleetContext, ...]]:
    """Judge an inventory under each policy, and return one report, with what each looked at.

    The arguments and errors are those of `check_inventory`; the days may be those of each policy.
    `settle` has the last word on what was found. A policy that has nothing to judge is no green:
    NothingEvaluatedError names it, unless another finds a breach that fails; then a note does.
    """
    reports: list[Report] = []
    cases: list[FleetContext] = []
    silent: list[tuple[Policy, NothingEvaluatedError]] = []
    for policy in policies:
        case = build_context(
            inventory, policy, catalog, entities,
            plans=plans, records=records, like=cases[0] if cases else None,
        )  # fmt: skip
        made, judgement = check_case(
            case,
            catalog=catalog,
            entities=entities,
            days=days if isinstance(days, EvaluationDates) else days(policy),
            plans=plans,
            records=records,
            assumptions=assumptions,
            tables=tables,
            ran_on=ran_on,
            packs=policies,
        )
        try:
            judgement.require_evaluated()
        except NothingEvaluatedError as error:
            silent.append((policy, error))
        reports.append(made)
        cases.append(case)
    found = merged(reports)
    # Of all packs together, since one may take a blank as licensed that another does not.
    blanks = [
        blanks_of(case, one.findings, one.dates[-1] if one.dates else None)
        for case, one in zip(cases, reports, strict=True)
    ]
    found = found.model_copy(update={"assumptions": (*found.assumptions, *said(blanks))})
    found = settle(found, cases)
    if silent and (len(policies) == 1 or found.verdict is not Verdict.BREACH):
        raise _nothing(policies, silent)
    return _with_silent(found, [policy for policy, _ in silent]), (*cases,)


def _with_silent(found: Report, silent: Sequence[Policy]) -> Report:
    """Return a report that says under which policies nothing was evaluated."""
    notes = tuple(
        f"NOTHING EVALUATED under {policy.pack.id}: none of its rules found anything to judge on "
        "the dates judged, so it is no green"
        for policy in silent
    )
    return found.model_copy(update={"notes": (*notes, *found.notes)}) if notes else found


def _nothing(
    policies: Sequence[Policy], silent: Sequence[tuple[Policy, NothingEvaluatedError]]
) -> NothingEvaluatedError:
    if len(policies) == 1:
        return silent[0][1]
    return NothingEvaluatedError(
        "\n".join(f"under {policy.pack.id}, {error}" for policy, error in silent)
    )


def merged(reports: Sequence[Report]) -> Report:
    """Return one report of several on the same inventory; `pack` is that of the first."""
    first = reports[0]
    if len(reports) == 1:
        return first
    order = {one.pack.id: at for at, one in enumerate(reports)}
    findings = sorted(
        (found for one in reports for found in one.findings),
        key=lambda found: (found.date, order[found.pack]),
    )
    verdict = overall(tuple(findings))
    return first.model_copy(
        update={
            "verdict": verdict,
            "exit_code": exit_code(verdict),
            "dates": tuple(sorted({day for one in reports for day in one.dates})),
            "packs": tuple(one.pack for one in reports),
            "assumptions": by_pack({one.pack.id: one.assumptions for one in reports}),
            "notes": by_pack({one.pack.id: one.notes for one in reports}),
            "lesser_notes": by_pack({one.pack.id: one.lesser_notes for one in reports}),
            "questions": by_pack({one.pack.id: one.questions for one in reports}),
            "findings": tuple(findings),
            "unjudged": tuple(duty for one in reports for duty in one.unjudged),
        }
    )


def by_pack(said: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return what all packs say once, and what only some say with the name of the pack."""
    lines: dict[str, None] = {}
    everywhere = set[str].intersection(*map(set, said.values()))
    for pack, texts in said.items():
        for text in texts:
            named = text in everywhere or pack in text
            lines[text if named else f"{pack}: {text}"] = None
    return tuple(lines)


def require_equal(policies: Sequence[Policy], names: Iterable[str]) -> None:
    """Refuse packs that answer a question otherwise which decides what all of them look at.

    UsageError that says which, and how to answer it.
    """
    faults = []
    for name in names:
        answers = {policy.pack.id: policy.answers.of(name) for policy in policies}
        if len({*answers.values()}) > 1:
            said = ", ".join(f"{pack}: {answer}" for pack, answer in answers.items())
            asking = [policy for policy in policies if name in policy.pack.options]
            faults.append(
                Fault(
                    f"the packs have to agree on it, and they do not ({said})",
                    f"answer it alike, as with --option {_alike(name, asking, answers)}",
                    column=name,
                )
            )
    if faults:
        raise UsageError(faults)


def _alike(name: str, asking: Sequence[Policy], answers: Mapping[str, str]) -> str:
    """Return an answer that all packs can give: that of one which does not ask comes first."""
    silent = [answers[pack] for pack in answers if pack not in {one.pack.id for one in asking}]
    shared = [
        value
        for value in (*silent, *answers.values())
        if all(value in one.pack.options[name].values for one in asking)
    ]
    return f"{name}={shared[0]}" if shared else f"PACK:{name}=VALUE"


def has_accounts(policy: Policy) -> bool:
    """Tell whether there are accounts to draw up under a pack."""
    pack = policy.pack
    return pack.ledger is not None or any(isinstance(rule, CapRule) for rule in pack.rules)


def only_with(policies: Sequence[Policy], has: Callable[[Policy], bool], what: str) -> Policy:
    """Return the one pack that has something, the first where none has; UsageError for several."""
    found = [policy for policy in policies if has(policy)]
    if len(found) > 1:
        ids = ", ".join(one.pack.id for one in found)
        message = f"this is drawn up under one pack, and several have {what}: {ids}"
        raise UsageError(Fault(message, "name one of them with --policy", column="policy"))
    return (found or policies)[0]


def report_of(
    policies: Sequence[Policy],
    findings: tuple[Finding, ...],
    *,
    dates: tuple[date, ...],
    read: ReadInfo | None = None,
    assumptions: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    lesser_notes: tuple[str, ...] = (),
) -> Report:
    """Return the record of a run of some policies, from all that was found."""
    made = report(
        policies[0],
        findings,
        dates=dates,
        read=read,
        assumptions=assumptions,
        notes=notes,
        lesser_notes=lesser_notes,
    )
    duties = (duty for policy in policies for duty in unjudged(policy))
    return made.model_copy(
        update={"packs": tuple(map(pack_info, policies)), "unjudged": tuple(duties)}
    )
