"""Examples beside a rule: small fleets that pass it, fail it, or stand exactly at its limit.

A lot is written `<country> <accelerators>`, then what matters of `key=value`, as in

    "MY 7"    "SG 2690 owner=B arrived=2026-03-01 channel=lpp"

Keys: owner, operator, consignee, site, tpp (of one accelerator, 10000 where not given), bandwidth
(GB/s), density (TPP per mm2, 10 where not given), datacenter (yes where not given), status,
arrived, ends, channel, licensed, from, filed; or model, one of the catalogue with _ for each blank,
in the place of tpp and its like. A company is written `<name>
<country of its headquarters> <authorization ...>` and may have parent=<name>; without any, A is in
the US and holds `uveu`. A shipment is `<date> <exporter> <accelerators> <from>-><to>`, then
use=<country>, licensed, channel, tpp, datacenter, bandwidth, launched=<year> (2025 where not given,
none where left empty), model. Model weights are `<model> <owner> <operations> at=<site>`, then
published, tuned=<operations>, tuned_at=<site>, customer=<country>. A site is `<site>
<country>`, then metro=, region=, filed=<date>. `groups` adds countries to groups of the
pack, as [policy.groups] of a placement.toml does.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from placement.policy.base_model import Record, Symbol
from placement.policy.country_groups import CountryCode

Case = Literal["passing", "failing", "at_limit"]
CASES: tuple[Case, ...] = ("passing", "failing", "at_limit")


class Example(Record):
    """A fleet and the verdict of its rule on it (default: ok, or breach where it is failing)."""

    case: Case
    title: str = ""
    on: date = date(2026, 8, 1)
    verdict: Literal["ok", "breach", "warning", "not_applicable"] | None = None
    place: str | None = None
    lots: list[str] = Field(default_factory=list)
    companies: list[str] = Field(default_factory=list)
    sites: list[str] = Field(default_factory=list)
    shipments: list[str] = Field(default_factory=list)
    weights: list[str] = Field(default_factory=list)
    options: dict[Symbol, str] = Field(default_factory=dict)
    groups: dict[Symbol, list[CountryCode]] = Field(default_factory=dict)

    @property
    def expected(self) -> str:
        """The verdict that the rule must come to."""
        return self.verdict or ("breach" if self.case == "failing" else "ok")
