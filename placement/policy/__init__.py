"""Policy packs: what they may say, loading them, and the rows they come to."""

from placement.policy.load import DEFAULT_PACK, is_changed, load_policy, parse_policy, shipped_packs
from placement.policy.policy import ALL_OWNERS, Policy, Subject
from placement.policy.row import Measured, Row

__all__ = [
    "ALL_OWNERS",
    "DEFAULT_PACK",
    "Measured",
    "Policy",
    "Row",
    "Subject",
    "is_changed",
    "load_policy",
    "parse_policy",
    "shipped_packs",
]
