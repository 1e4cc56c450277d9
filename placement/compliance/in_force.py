"""What the packs that are in force find for a fleet that was judged under others.

Which packs these are is data: `in_force = true` in a pack that ships. What they find moves no
verdict.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from placement.catalog import Catalog
from placement.compliance import dates as agenda
from placement.compliance.judge import judge
from placement.enums import Verdict
from placement.errors import InputError
from placement.fleet.context import FleetContext, build_context
from placement.fleet.side_tables import SideTables
from placement.inventory import Inventory
from placement.policy import Policy, load_policy, packs_in_force
from placement.policy.rules import RatioRule
from placement.report import Finding, InForce, overall

if TYPE_CHECKING:
    from placement.readers.tables.entities import Entities

MOST_PLACES = 8

_NO_HEADQUARTERS = (
    "could not be judged: no headquarters are given; add --entities FILE or --headquarters CC"
)


def in_force(
    inventory: Inventory,
    *,
    chosen: Collection[str],
    like: FleetContext | None = None,
    run: Policy | None = None,
    catalog: Catalog,
    entities: Entities | None,
    days: Iterable[date],
    plans: bool = True,
    records: SideTables,
    packs: Sequence[Policy] | None = None,
) -> tuple[InForce, ...]:
    """Return what each pack in force that nobody chose finds on some days, in a sentence.

    `chosen`: the ids of the packs of the run. `like`: what one of them looked at, whose timelines
    serve here, too. `packs`: those in force, default: those that ship, with the answers of `run` to
    the questions that they ask, too. Nothing is said of a pack for which nothing was read: lots, or
    shipments.
    """
    if packs is None:
        packs = [_as_answered(name, run) for name in packs_in_force() if name not in chosen]
    return tuple(
        _found(pack, inventory, like, catalog, entities, days, plans, records)
        for pack in packs
        if pack.pack.id not in chosen
        and (records.shipments if _is_of_shipments(pack) else len(inventory.lots))
    )


def _is_of_shipments(policy: Policy) -> bool:
    """Tell whether a pack looks at shipments alone."""
    rules = policy.pack.rules
    return all(
        isinstance(rule, RatioRule) or getattr(rule, "measure", "") == "shipped" for rule in rules
    )


def _as_answered(name: str, run: Policy | None) -> Policy:
    """Return a pack that ships, its open questions answered as those of the run are."""
    policy = load_policy(name)
    if run is None:
        return policy
    asked = policy.pack.options
    answers = {
        option: value
        for option, value in run.options.items()
        if value != run.pack.options[option].default
        and option in asked
        and value in asked[option].values
    }
    return load_policy(name, answers) if answers else policy


def _found(
    policy: Policy,
    inventory: Inventory,
    like: FleetContext | None,
    catalog: Catalog,
    entities: Entities | None,
    days: Iterable[date],
    plans: bool,
    records: SideTables,
) -> InForce:
    try:
        case = build_context(
            inventory,
            policy,
            catalog,
            entities,
            plans=plans,
            records=records,
            like=like,
            lines=False,
        )
    except InputError as error:
        if entities is None:
            return _said(policy, None, _NO_HEADQUARTERS, "")
        return _said(
            policy, None, f"could not be judged: {error.problems[0].message}", _more(policy)
        )
    found = judge(case, [day for one in days for day in agenda.as_of(policy, one)])
    if not found.evaluated:
        return _said(policy, Verdict.NOT_APPLICABLE, "finds nothing to judge", "")
    verdict = overall(found.findings)
    worst = [finding for finding in found.findings if finding.verdict is verdict]
    match verdict:
        case Verdict.BREACH:
            what = f"finds a breach in {_places(worst)}"
        case Verdict.WARNING:
            what = f"finds no breach, and warns of {_places(worst)}"
        case _:
            return _said(policy, verdict, "finds no breach", "")
    return _said(policy, verdict, what, _more(policy), worst)


def _more(policy: Policy) -> str:
    """Return how to judge a pack in the run itself."""
    return f"; add --policy {policy.pack.id}"


def _said(
    policy: Policy, verdict: Verdict | None, what: str, more: str, worst: Sequence[Finding] = ()
) -> InForce:
    name = policy.pack.id
    return InForce(
        pack=name,
        verdict=verdict,
        places=tuple(dict.fromkeys(one.place for one in worst)),
        sentence=f"in force today, not judged: {name} {what}{more}",
    )


def _places(worst: Sequence[Finding]) -> str:
    """Return where a verdict was found."""
    found = list(dict.fromkeys(one.place for one in worst))
    if len(found) > MOST_PLACES:
        return f"{', '.join(found[: MOST_PLACES - 1])}, ... ({len(found)} places)"
    return ", ".join(found)
