"""What files say of each other: places that a rule needs and lacks, tables no rule is about."""

from __future__ import annotations

from placement.errors import Problem
from placement.fleet.account_notes import balance_notes
from placement.fleet.side_tables import Records
from placement.inventory import Inventory
from placement.policy import Policy
from placement.policy.rules import (
    AnyRule,
    FinetuneRule,
    ProhibitionRule,
    RatioRule,
    StorageRule,
)


def unknown_sites(inventory: Inventory, policy: Policy, records: Records) -> list[Problem]:
    """Say which sites lack the place that a rule needs, and which that model weights name."""
    problems = []
    sites = records.sites
    known = sites.places if sites is not None else {}
    called = sites.file if sites is not None else "sites.csv"
    standing = set(inventory.lots["site"].unique().to_list())
    for column in ("metro", "region"):
        rules = [rule.id for rule in policy.on_totals if rule.by == column]
        if not rules:
            continue
        problems += [
            Problem(
                f"the site has no {column}, and {', '.join(rules)} is about it",
                f"fill {column} in {called}, and give that file with --sites",
                called if sites is not None else inventory.source,
                column="site",
                value=site,
            )
            for site in sorted(standing)
            if site not in known or not getattr(known[site], column)
        ]
    if records.weights is not None:
        for line, row in records.weights.rows:
            for column, site in (
                ("storage_site", row.storage_site),
                ("finetune_site", row.finetune_site),
            ):
                if site is not None and site not in known and site not in standing:
                    message = "nobody says where the site is"
                    fix = f"add it to {called}"
                    problems.append(Problem(message, fix, records.weights.file, line, column, site))
    return problems


def unused(records: Records, *policies: Policy) -> list[str]:
    """Return which tables hold no row, and which were given to packs without a rule about them."""
    notes = [
        f"{file}: NO ROWS below the header, so nothing of it was judged" for file in records.empty
    ]
    rules = [rule for one in policies for rule in one.pack.rules]
    ids = [one.pack.id for one in policies]
    none = f"{ids[0]} has no rule" if len(ids) == 1 else f"none of {', '.join(ids)} has a rule"
    if records.shipments and not any(_ships(rule) for rule in rules):
        notes.append(f"{records.shipments_file}: {none} about shipments")
    if (
        records.weights is not None
        and records.weights.rows
        and not any(isinstance(rule, StorageRule | FinetuneRule) for rule in rules)
    ):
        notes.append(f"{records.weights.file}: {none} about model weights")
    return [*notes, *balance_notes(policies, records.balances)]


def _ships(rule: AnyRule) -> bool:
    return isinstance(rule, RatioRule) or (
        isinstance(rule, ProhibitionRule) and rule.measure == "shipped"
    )
