"""What files say of each other: places that a rule needs and lacks, tables no rule is about."""

from __future__ import annotations

from placement.errors import Fault
from placement.fleet.side_tables import SideTables
from placement.inventory import Inventory
from placement.policy import Policy


def unknown_sites(inventory: Inventory, policy: Policy, records: SideTables) -> list[Fault]:
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
            Fault(
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
                    problems.append(Fault(message, fix, records.weights.file, line, column, site))
    return problems
