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


class ServedKey(NamedTuple):
    """Of what serves a line of demand."""

    demand: str
    zone: str
    model: str
    period: str


class ChargeKey(NamedTuple):
    """Of a charge to a channel."""

    country: str
    model: str
    channel: str
    period: str


class ReceiptKey(NamedTuple):
    """Of what the charges to all channels cover."""

    country: str
    model: str
    period: str


class RuleKey(NamedTuple):
    """Of a row of a rule."""

    rule: str
    place: str
    day: str


class WholeKey(NamedTuple):
    """Of a denominator, and of its credit; places are joined by semicolons."""

    metric: str
    places: str
    period: str


class CommitmentKey(NamedTuple):
    """Of a commitment, by its label."""

    commitment: str
    period: str
