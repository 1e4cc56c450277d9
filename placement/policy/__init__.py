"""Policy packs: what they may say, loading them, and the rows they come to."""

from placement.policy.load import DEFAULT_PACK, load_policy, parse_policy, shipped_packs
from placement.policy.policy import Policy, Subject
from placement.policy.row import Row

__all__ = [
    "DEFAULT_PACK",
    "Policy",
    "Row",
    "Subject",
    "load_policy",
    "parse_policy",
    "shipped_packs",
]
