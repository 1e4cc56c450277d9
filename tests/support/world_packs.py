"""The texts of packs for random worlds: shared groups and schedules, a ledger, rules."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from placement.policy import Policy, parse_policy

HEAD = """
schema = "placement.pack/1"
id = "test"
version = "1"
title = "test"
citation = "test"
partition = ["tier1", "tier2", "tier3"]
[status]
text = "test"
as_of = 2026-08-28
[counted]
title = "counted"
citation = "test"
any = [
    { tpp_at_least = "4800" },
    { tpp_at_least = "1600", performance_density_at_least = "5.92", datacenter = true },
]
[groups.home]
title = "home"
members = ["US", "PR"]
[groups.tier1]
title = "tier 1"
members = ["US", "PR", "DE", "JP"]
[groups.tier3]
title = "tier 3"
members = ["CN", "MO", { place = "KH", until = 2026-02-03 }]
[groups.tier2]
title = "tier 2"
all_except = ["tier1", "tier3"]
[groups.abroad]
title = "outside tier 1"
all_except = ["tier1"]
[groups.not_tier3]
title = "outside tier 3"
all_except = ["tier3"]
[schedules.always]
title = "always"
every_day = true
[schedules.reporting]
title = "twice a year"
days = ["02-01", "08-01"]
first = 2025-05-15
"""


LEDGER = """
[ledger]
home = "home"
[[ledger.channels]]
id = "uveu"
title = "uveu"
binds = { authorization = "uveu" }
places = "not_tier3"
citation = "test"
[[ledger.channels]]
id = "aia"
title = "aia"
binds = { headquarters = "tier1" }
places = "tier1"
citation = "test"
[[ledger.channels]]
id = "nveu"
title = "nveu"
binds = { authorization = "nveu" }
places = "not_tier3"
citation = "test"
[[ledger.channels]]
id = "lpp"
title = "lpp"
binds = { headquarters = "not_tier3" }
places = "not_tier3"
room = "lpp.cap"
citation = "test"
[[ledger.channels]]
id = "licence"
title = "licence"
citation = "test"
"""


LPP_LIMIT = Fraction(100000)


LPP_CAP = """
[[rules]]
id = "lpp.cap"
kind = "cap"
title = "low volumes"
binds = { headquarters = "not_tier3" }
about = "consignee"
measure = "received"
channels = ["lpp"]
calendar_year = true
limit = "100000"
schedule = "always"
citation = "test"
"""


def rule(kind: str, *lines: str, name: str = "r", schedule: str = "always") -> str:
    """Return the text of one rule."""
    head = f'[[rules]]\nid = "{name}"\nkind = "{kind}"\ntitle = "t"\ncitation = "c"\n'
    return head + f'schedule = "{schedule}"\n' + "\n".join(lines) + "\n"


def option(name: str, *values: str) -> str:
    """Return the text of an option whose default is its first value."""
    listed = ", ".join(f'"{value}" = "{value}"' for value in values)
    return f'[options.{name}]\nquestion = "?"\ndefault = "{values[0]}"\nvalues = {{ {listed} }}\n'


def pack(*texts: str, options: Mapping[str, str] | None = None) -> Policy:
    """Return a pack of the shared groups and schedules, and these texts."""
    return parse_policy((HEAD + "\n".join(texts)).encode(), "test.toml", options)
