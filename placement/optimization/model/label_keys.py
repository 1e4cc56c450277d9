"""What columns and rows of a plan's program are of, by name; all is the text that files show."""

from __future__ import annotations

from typing import NamedTuple


class GridKey(NamedTuple):
    """Of stock and its changes."""

    site: str
    model: str
    period: str


class StockKey(NamedTuple):
    """Of what leaves a group throughout."""

    site: str
    model: str


class SiteKey(NamedTuple):
    """Of a limit of a site."""

    site: str
    period: str


class RuleKey(NamedTuple):
    """Of a row of a rule."""

    rule: str
    place: str
    day: str


class CommitmentKey(NamedTuple):
    """Of a commitment, by its label."""

    commitment: str
    period: str
