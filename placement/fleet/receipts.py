"""Receipts: which lots came from abroad, and which channel each asks for, or takes without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from placement.enums import Channel, Counted
from placement.fleet.channels import Channels, OpenChannels
from placement.fleet.classification import Classification
from placement.fleet.owner_groups import OwnerGroups
from placement.policy.pack import OpenChannel

if TYPE_CHECKING:
    import polars as pl

#: A day on which the groups are those of lots that have no date.
_DATELESS = date(2025, 1, 1)

#: What a lot's channels depend on.
KEYS = ("owner", "consignee_named", "country", "era", "kind")


#: Columns of charges: day (null: nobody knows), owner, subject (its ultimate parent), consignee
#: (its ultimate parent), country, site, model, quantity (times unit_num / unit_den
#: accelerators), channel (null: by none), recorded (by the line itself), open (to the owner, there
#: and then), split (part of a lot), licensed, forecast, end (first day on which it no longer
#: counts), line, line_quantity.
CHARGE_COLUMNS = (
    "day", "owner", "subject", "consignee", "country", "site", "model", "quantity", "unit_num",
    "unit_den", "channel", "recorded", "open", "split", "licensed", "forecast", "end", "line",
    "line_quantity",
)  # fmt: skip


class Receipts:
    """The lots of an inventory, as they came."""

    def __init__(self, channels: Channels, companies: OwnerGroups, scope: Classification) -> None:
        self._channels = channels
        self._companies = companies
        self._holder = cache(companies.holder)
        self._scope = scope
        self._policy = scope.policy
        self._blank_is_licensed = scope.policy.answers.of("blank_licence") == "assumed"

    def of(self, lots: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the lots that came from abroad, and those that did not; all that may count."""
        import polars as pl

        models = sorted(
            model for model in lots["model"].unique().to_list() if self._scope.matters(model)
        )
        # Models that the same channels are open to are one kind, known by the first of them.
        tested = [one for one in self._channels.listed() if one.counted is not None]
        kinds: dict[tuple[Counted, ...], int] = {}
        of_model = {
            model: kinds.setdefault(
                tuple(self._scope.passes(one, model) for one in tested), len(kinds)
            )
            for model in models
        }
        self._kinds = [
            next(model for model, found in of_model.items() if found == kind)
            for kind in range(len(kinds))
        ]
        kind = pl.col("model").replace_strict(of_model, default=0, return_dtype=pl.Int32)
        changes = sorted(self._policy.changes())
        # Era 0 is that of lots without a date, era 1 ends on the day of the first change.
        self._eras = [_DATELESS, date.min, *changes]
        era = sum(
            ((pl.col("start") >= change).cast(pl.Int32) for change in (date.min, *changes)),
            pl.lit(0, pl.Int32),
        ).fill_null(0)
        homes = [
            (number, country)
            for number, day in enumerate(self._eras)
            for country in self._channels.home(day)
        ]
        at_home = pl.DataFrame(homes, {"era": pl.Int32, "country": pl.String}, orient="row")
        parents = self._companies.parent_names()
        stayed = pl.col("from_country").is_not_null() & (
            pl.col("from_country") == pl.col("country")
        )
        # Retired nobody knows when: what has a date was received then, whatever became of it.
        never = (pl.col("end") == date.min).fill_null(value=False) & pl.col("start").is_null()
        found = lots.filter(~never & pl.col("model").is_in(models)).with_columns(
            era=era, kind=kind, stayed=stayed
        )
        found = found.join(at_home, on=["era", "country"], how="anti").with_columns(
            day="start",
            consignee_named="consignee",
            subject=pl.col("owner").replace(parents),
            consignee=pl.col("consignee").replace(parents),
            recorded=pl.col("channel").is_not_null(),
            open=pl.lit(value=True),
            split=pl.lit(value=False),
        )
        return found.filter(~pl.col("stayed")), found.filter("stayed")

    def asked(
        self, lots: pl.DataFrame
    ) -> tuple[pl.DataFrame, Mapping[tuple[Any, ...], OpenChannels]]:
        """Return lots with the channel that each wants or takes without one, and all their ways."""
        import polars as pl

        keys = list(KEYS)
        ways = {
            key: self._channels.way(
                self._holder(key[0]),
                self._holder(key[1]),
                key[2],
                self._eras[key[3]],
                self._kinds[key[4]],
            )
            for key in lots.select(keys).unique().iter_rows()
        }
        rows = [
            (*key, _name(way.last), _name(way.without_licence()), bool(way.roomy))
            for key, way in ways.items()
        ]
        schema = pl.Schema(
            {key: lots.schema[key] for key in keys}
            | {"any": pl.String(), "unlicensed": pl.String(), "roomy": pl.Boolean()}
        )
        defaults = pl.DataFrame(rows, schema=schema, orient="row")
        licence = pl.when(pl.col("licensed")).then(pl.lit(Channel.LICENCE.value))
        licensed = pl.col("licensed").fill_null(value=self._blank_is_licensed)
        known = lots.join(defaults, on=keys, how="left").with_columns(
            wanted=pl.coalesce("channel", licence),
            default=pl.when(licensed).then("any").otherwise("unlicensed"),
        )
        return self._test_recorded(known, keys), ways

    def lines_open_to(self, channels: Sequence[OpenChannel], lots: pl.DataFrame) -> pl.Series:
        """Return the lines of lots (of `of`) to which one of some channels is open."""
        import polars as pl

        keys = list(KEYS)
        rows = [
            key
            for key in lots.select(keys).unique().iter_rows()
            if any(self._is_open(channel, *key) for channel in channels)
        ]
        schema = pl.Schema({key: lots.schema[key] for key in keys})
        table = pl.DataFrame(rows, schema=schema, orient="row")
        return lots.join(table, on=keys, how="semi", nulls_equal=True)["line"]

    def _is_open(
        self,
        channel: OpenChannel,
        owner: str,
        consignee: str,
        country: str,
        era: int,
        kind: int,
    ) -> bool:
        """Tell whether a channel is open to the lots of one set of `KEYS`."""
        who = self._holder(owner), self._holder(consignee)
        return self._channels.is_open(channel, *who, country, self._eras[era], self._kinds[kind])

    def _test_recorded(self, known: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
        """Mark the lines whose own channel is not open to them."""
        import polars as pl

        asked = known.filter(pl.col("recorded")).select(*keys, "channel").unique()
        if asked.is_empty():
            return known
        by_id = {one.id.value: one for one in self._channels.listed()}
        rows = []
        for *key, name in asked.iter_rows():
            channel = by_id.get(name)
            rows.append((*key, name, channel is not None and self._is_open(channel, *key)))
        schema = pl.Schema(
            {key: known.schema[key] for key in keys}
            | {"channel": pl.String(), "is_open": pl.Boolean()}
        )
        table = pl.DataFrame(rows, schema=schema, orient="row")
        return known.join(table, on=[*keys, "channel"], how="left").with_columns(
            open=pl.col("is_open").fill_null(value=True)
        )


def _name(channel: Channel | None) -> str | None:
    return None if channel is None else channel.value
