"""Policy packs: what they may say, loading them, and the rows they come to."""

from placement.policy.load import (
    DEFAULT_PACK,
    is_changed,
    is_path,
    load_policy,
    packs_in_force,
    parse_policy,
    shipped_packs,
)
from placement.policy.policy import ALL_OWNERS, Policy, Subject
from placement.policy.row import Measured, Row
from placement.policy.several import load_policies, of_others, packs_of

__all__ = [
    "ALL_OWNERS",
    "DEFAULT_PACK",
    "Measured",
    "Policy",
    "Row",
    "Subject",
    "is_changed",
    "is_path",
    "load_policies",
    "load_policy",
    "of_others",
    "packs_in_force",
    "packs_of",
    "parse_policy",
    "shipped_packs",
]
