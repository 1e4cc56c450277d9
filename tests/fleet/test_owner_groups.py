"""Companies: what a group is authorized to, and to which groups a company belongs."""

from __future__ import annotations

from datetime import date

from placement.catalog import load_catalog
from placement.fleet.context import build_context
from placement.fleet.owner_groups import needs_companies
from placement.policy import Policy, load_policy
from placement.readers.tables.entities import Entities, Entity
from tests.support.fleets import Lot, inventory


def test_a_sister_of_the_holder_has_no_channel_of_its_own_where_siblings_are_left_out() -> None:
    entities = Entities(
        [
            Entity("Top", None, "US", frozenset()),
            Entity("Holder", "Top", "US", frozenset({"uveu"})),
            Entity("Sister", "Top", "US", frozenset()),
        ]
    )
    lots = [Lot("MY", 10, owner="Sister", start=date(2026, 2, 1)), Lot("US", 900, owner="Holder")]

    def channels(siblings: str) -> set[str]:
        policy = load_policy(options={"siblings": siblings})
        case = build_context(inventory(lots), policy, load_catalog(), entities)
        return set(case.books.ledger.charges["channel"].to_list())

    assert channels("include") == {"uveu"}
    assert channels("exclude") == {"lpp"}


def test_a_rule_on_the_seats_of_companies_asks_for_them() -> None:
    pack = load_policy("ai-diffusion-2025-basic").pack
    rule = load_policy().rule("t3hq.licence")
    seated = pack.model_copy(update={"rules": [rule]})
    assert needs_companies(Policy(seated, "", "x", {}))
    assert not needs_companies(load_policy("ai-diffusion-2025-basic"))
