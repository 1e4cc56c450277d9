"""The ledger: what each country received from abroad, and by which channel it is charged.

A lot is received where it stands in a country outside `home` and did not come from that country.
It is charged to the channel that its line records, else (licensed) to `licence`, else to the first
channel of the pack's list that is open to its owner there, for its model. A channel with room (the
low-volume limit of a consignee's year) takes lots in the order of date and line while it has some;
what does not fit goes on to the next one, split by single accelerators. What is marked as
unlicensed is never charged to `licence`, and what no other channel takes is charged to none; a
blank is charged to `licence`, unless the option `blank_licence` says that it is unlicensed. Lots
without a date are charged, but nobody knows when: no window holds them for certain. Retiring gives
nothing back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from math import ceil
from typing import TYPE_CHECKING, Any

from placement.amounts import THOUSAND
from placement.balances import NO_BALANCES, Balances
from placement.companies import Companies
from placement.policy import Subject
from placement.policy.kinds import CapRule
from placement.policy.pack import OpenChannel
from placement.policy.row import Measured
from placement.position import position_of
from placement.scope import Scope, tally
from placement.vocabulary import Channel, Counted

if TYPE_CHECKING:
    import polars as pl

#: A day on which the groups are those of lots that have no date.
_DATELESS = date(2025, 1, 1)

#: What a lot's channels depend on.
_KEYS = ("owner", "consignee_named", "country", "era", "kind")

#: Columns of `Ledger.charges`: day (null: nobody knows), owner, subject (its ultimate parent),
#: consignee (its ultimate parent), country, site, model, quantity (times unit_num / unit_den
#: accelerators), channel (null: by none), recorded (by the line itself), open (to the owner, there
#: and then), split (part of a lot), licensed, forecast, end (first day on which it no longer
#: counts), line, line_quantity.
CHARGE_COLUMNS = (
    "day", "owner", "subject", "consignee", "country", "site", "model", "quantity", "unit_num",
    "unit_den", "channel", "recorded", "open", "split", "licensed", "forecast", "end", "line",
    "line_quantity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """The channels open to a lot: those with room, in order, and the first one without, if any."""

    roomy: tuple[OpenChannel, ...]
    last: Channel | None

    def without_licence(self) -> Channel | None:
        """Return the one without room for what has no licence."""
        return None if self.last is Channel.LICENCE else self.last


class Ledger:
    """The charges of an inventory under a policy."""

    def __init__(
        self,
        lots: pl.DataFrame,
        companies: Companies,
        scope: Scope,
        balances: Balances = NO_BALANCES,
    ) -> None:
        """Charge every lot that was received; `lots`: of an inventory, with `forecast`."""
        self._companies = companies
        self._balances = balances
        self._scope = scope
        self._policy = scope.policy
        self._blank_is_licensed = scope.policy.answers.of("blank_licence") == "assumed"
        #: Whether the order of lots decides by which channel some came.
        self.is_ordered = False
        self._unsorted: pl.DataFrame = self._charge(lots)

    @cached_property
    def charges(self) -> pl.DataFrame:
        """All charges, in order of date and line."""
        return _sorted(self._unsorted)

    def charges_to(self, channels: Iterable[Channel]) -> pl.DataFrame:
        """Give the charges to some channels, in order of date and line."""
        import polars as pl

        names = [one.value for one in channels]
        return _sorted(self._unsorted.filter(pl.col("channel").is_in(names)))

    def received(
        self, of: Measured, day: date, about: str, seats: frozenset[str] | None = None
    ) -> pl.DataFrame:
        """Give the charges in the window of a row up to a day, as lots by subject and place.

        `about`: whose they are (owner, consignee, all). `seats`: only those of owners with
        headquarters there. The column `undated` marks what the window may hold or not: a lot that
        was gone when the window began did not come in it.
        """
        import polars as pl

        within = pl.col("day").is_null() | (pl.col("day") <= day)
        if of.since is not None:
            gone = pl.col("end").is_not_null() & (pl.col("end") <= of.since)
            within &= (pl.col("day").is_null() & ~gone) | (pl.col("day") >= of.since)
        charges = self.charges_to(of.channels) if of.channels else self.charges
        found = charges.filter(within)
        if seats is not None:
            owners = [n for n, one in self._companies.parents.items() if one.headquarters in seats]
            found = found.filter(pl.col("owner").is_in(owners))
        found = found.with_columns(
            undated=pl.col("day").is_null() if of.since is not None else pl.lit(value=False)
        )
        if about == "all":
            return _charged_to(found, self._policy.answers.of("charge_by"), self._companies)
        if about == "consignee":
            return found.with_columns(subject="consignee")
        return self._to_groups(found)

    def charged(
        self, of: Measured, day: date, about: str, seats: frozenset[str] | None = None
    ) -> pl.DataFrame:
        """Return the same with the opening balances of the window, each as a lot of its own."""
        lots = self.received(of, day, about, seats)
        return self._balances.added_to(lots, of, about, day)

    def way(self, owner: Subject, consignee: Subject, country: str, day: date, model: str) -> Way:
        """Return the channels that are open to an owner's lot in a country on a day, in order.

        Those that only a record opens are not among them.
        """
        roomy: list[OpenChannel] = []
        for one in self._channels():
            if one.by_record or not self._is_open(one, owner, consignee, country, day, model):
                continue
            if one.room is None:
                return Way(tuple(roomy), one.id)
            roomy.append(one)
        return Way(tuple(roomy), None)

    def spare(self, channel: OpenChannel, consignee: Subject, day: date) -> int | None:
        """Give what a consignee may still receive by a channel with room in the year of a day.

        In thousandths of the cap's unit; None where nothing limits it. What is planned for later
        in the year is taken off, too.
        """
        limit, rule = self.room(channel, day), self._room_rule(channel)
        if limit is None or rule is None:
            return None
        of = rule.of(self._policy.on(day))
        end = date(day.year, 12, 31) if rule.calendar_year else date.max
        fleet = position_of(self.charged(of, end, "consignee"), day).fleets.get(consignee.name, {})
        found = tally(fleet, self._scope, of)
        charged = (found.certain, *(doubt.totals for doubt in found.unknown))
        used = sum(amount for totals in charged for amount in totals.by_place.values())
        return max(0, limit - ceil(used))

    def came_by(self, channels: Iterable[Channel]) -> pl.DataFrame:
        """Return what came, or was passed on inside a country, by channels open to it."""
        import polars as pl

        names = [one.value for one in channels]
        every = pl.concat([self._unsorted, self._inside])
        return every.filter(pl.col("channel").is_in(names) & pl.col("open"))

    def uncovered(self, since: date | None, until: date) -> pl.DataFrame:
        """Return what came in a window by no channel, and what changed hands inside a country so.

        As lots by owner group and place; `undated` marks what the window may hold or not.
        """
        import polars as pl

        mine = pl.col("channel").is_null()
        found = pl.concat([self._unsorted.filter(mine), self._inside.filter(mine)])
        within = pl.col("day").is_null() | (pl.col("day") <= until)
        if since is not None:
            within &= pl.col("day").is_null() | (pl.col("day") >= since)
        undated = pl.col("day").is_null() if since is not None else pl.lit(value=False)
        found = _sorted(found.filter(within)).with_columns(undated=undated)
        return self._to_groups(found)

    def home(self, day: date) -> frozenset[str]:
        """Give the countries to which nothing is exported."""
        ledger = self._policy.pack.ledger
        return self._policy.groups_on(day)[ledger.home] if ledger is not None else frozenset()

    def room(self, channel: OpenChannel, day: date) -> int | None:
        """Give the limit of a channel with room on a day, in thousandths of its cap's unit."""
        rule = self._room_rule(channel)
        if rule is None or self._policy.not_in_force(rule, day) is not None:
            return None
        limit = rule.limit_on(day)
        return None if limit is None else int(Fraction(limit) * THOUSAND)

    def _channels(self) -> Iterable[OpenChannel]:
        ledger = self._policy.pack.ledger
        return () if ledger is None else ledger.channels

    def _room_rule(self, channel: OpenChannel) -> CapRule | None:
        rule = None if channel.room is None else self._policy.rule(channel.room)
        return rule if isinstance(rule, CapRule) else None

    def _is_open(
        self,
        channel: OpenChannel,
        owner: Subject,
        consignee: Subject,
        country: str,
        day: date,
        model: str,
    ) -> bool:
        groups = self._policy.groups_on(day)
        who = (owner,) if channel.room is None else (owner, consignee)
        seats = {seat for one in (owner, consignee) for seat in (one.headquarters, *one.seats)}
        is_seated = channel.seated is not None and not seats.isdisjoint(groups[channel.seated])
        if country not in groups[channel.places] and not is_seated:
            return False
        if self._scope.passes(channel, model) is not Counted.YES:
            return False
        return all(self._policy.not_open(channel.binds, one, day, country) is None for one in who)

    def _charge(self, lots: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        received, inside = self._received(lots)
        self._inside = inside.clear().select(CHARGE_COLUMNS)
        if self._policy.pack.ledger is None:
            return received.with_columns(channel=pl.lit(None, pl.String)).select(CHARGE_COLUMNS)
        if not inside.is_empty():
            known, _ = self._asked(inside)
            # Nothing crosses a border: what is open to exports only, up to a limit, is no way.
            direct = known.with_columns(channel=pl.coalesce("wanted", "default"))
            self._inside = direct.select(CHARGE_COLUMNS)
        if received.is_empty():
            return received.select(CHARGE_COLUMNS)
        known, ways = self._asked(received)
        rooms = [one.id.value for one in self._channels() if one.room is not None]
        free = pl.col("wanted").is_null() & pl.col("roomy") & pl.col("day").is_not_null()
        takes_room = free | pl.col("wanted").is_in(rooms)
        takes_room = takes_room.fill_null(value=False)
        in_turn = known.filter(takes_room)
        self.is_ordered = not in_turn.is_empty()
        direct = known.filter(~takes_room) if self.is_ordered else known
        direct = direct.with_columns(channel=pl.coalesce("wanted", "default"))
        parts = self._in_order(in_turn, ways)
        return pl.concat([direct.select(CHARGE_COLUMNS), parts])

    def _asked(self, lots: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[tuple[Any, ...], Way]]:
        """Return lots with the channel that each wants or takes without one, and all their ways."""
        import polars as pl

        keys = list(_KEYS)
        holder = cache(self._companies.holder)
        ways = {
            key: self.way(
                holder(key[0]), holder(key[1]), key[2], self._eras[key[3]], self._kinds[key[4]]
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

    def _received(self, lots: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the lots that came from abroad, and those that did not; all that may count."""
        import polars as pl

        models = sorted(
            model for model in lots["model"].unique().to_list() if self._scope.matters(model)
        )
        # Models that the same channels are open to are one kind, known by the first of them.
        tested = [one for one in self._channels() if one.counted is not None]
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
            (number, country) for number, day in enumerate(self._eras) for country in self.home(day)
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

    def _to_groups(self, charges: pl.DataFrame) -> pl.DataFrame:
        """Charge the owner groups to whose totals each owner adds, else its ultimate parent."""
        import polars as pl

        groups, parents = self._companies.names, self._companies.parent_names()
        pairs = [
            (owner, group)
            for owner in charges["owner"].unique().to_list()
            for group in groups.get(owner, (parents[owner],))
        ]
        names = pl.DataFrame(pairs, {"owner": pl.String, "subject": pl.String}, orient="row")
        return charges.drop("subject").join(names, on="owner", how="left", maintain_order="left")

    def _test_recorded(self, known: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
        """Mark the lines whose own channel is not open to them."""
        import polars as pl

        asked = known.filter(pl.col("recorded")).select(*keys, "channel").unique()
        if asked.is_empty():
            return known
        by_id = {one.id.value: one for one in self._channels()}
        holder = cache(self._companies.holder)
        rows = []
        for owner, consignee, country, era, kind, name in asked.iter_rows():
            channel, model = by_id.get(name), self._kinds[kind]
            is_open = channel is not None and self._is_open(
                channel, holder(owner), holder(consignee), country, self._eras[era], model
            )
            rows.append((owner, consignee, country, era, kind, name, is_open))
        schema = pl.Schema(
            {key: known.schema[key] for key in keys}
            | {"channel": pl.String(), "is_open": pl.Boolean()}
        )
        table = pl.DataFrame(rows, schema=schema, orient="row")
        return known.join(table, on=[*keys, "channel"], how="left").with_columns(
            open=pl.col("is_open").fill_null(value=True)
        )

    def _in_order(self, lots: pl.DataFrame, ways: Mapping[tuple[Any, ...], Way]) -> pl.DataFrame:
        """Charge lots to channels with room, one after another; recorded ones have theirs first."""
        import polars as pl

        used: dict[tuple[str, str, date | None], Fraction] = {}
        in_order = lots.sort(["recorded", "day", "line"], descending=[True, False, False],
                             nulls_last=True)  # fmt: skip
        rows = [
            part for lot in in_order.iter_rows(named=True) for part in self._parts(lot, ways, used)
        ]
        schema = {name: lots.schema[name] for name in CHARGE_COLUMNS}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _parts(
        self,
        lot: Mapping[str, Any],
        ways: Mapping[tuple[Any, ...], Way],
        used: dict[tuple[str, str, date | None], Fraction],
    ) -> Iterator[tuple[Any, ...]]:
        """Split one lot over the channels that are open to it."""
        way = ways[tuple(lot[name] for name in _KEYS)]
        day: date | None = lot["day"]
        left = Fraction(lot["quantity"] * lot["unit_num"], lot["unit_den"])
        recorded = [one for one in self._channels() if one.id.value == lot["wanted"]]
        whole = left
        for channel in recorded or way.roomy:
            rule = self._room_rule(channel)
            metric = rule.metric if rule is not None else "tpp"
            each = self._scope.weight(lot["model"], metric).charged
            since = rule.of(self._policy.on(day)).since if rule is not None and day else None
            account = (channel.id.value, lot["consignee"], since)
            counts = day is not None and (since is None or since <= day)
            room = self.room(channel, day) if day is not None and counts else None
            taken = left
            dateless = (channel.id.value, lot["consignee"], date.max)
            if not recorded and room is not None and each and rule and day:
                # What is recorded without a date may be of this window: its room is kept.
                spent = used.get(account, Fraction(0)) + used.get(dateless, Fraction(0))
                spent += self._balances.taken(rule, lot["consignee"], self._policy.on(day))
                fits = (room - spent) // each
                taken = min(left, max(Fraction(fits), Fraction(0)))
            if taken and (counts or day is None):
                at = dateless if day is None else account
                used[at] = used.get(at, Fraction(0)) + taken * each
            if taken:
                yield self._row(lot, channel.id.value, taken, split=taken != whole)
            left -= taken
        if left:
            yield self._row(lot, lot["default"], left, split=left != whole)

    def _row(
        self, lot: Mapping[str, Any], channel: str | None, amount: Fraction, *, split: bool
    ) -> tuple[Any, ...]:
        changed: dict[str, Any] = {"channel": channel, "split": split}
        if split:
            changed |= {
                "quantity": amount.numerator,
                "unit_num": 1,
                "unit_den": amount.denominator,
                "line_quantity": amount.numerator,
            }
        return tuple(changed.get(name, lot[name]) for name in CHARGE_COLUMNS)


def _name(channel: Channel | None) -> str | None:
    return None if channel is None else channel.value


def _sorted(charges: pl.DataFrame) -> pl.DataFrame:
    return charges.sort(["day", "line", "channel"], nulls_last=True)


def _charged_to(charges: pl.DataFrame, by: str, companies: Companies) -> pl.DataFrame:
    """Charge all owners together, to the country of the lot, of the headquarters, or to both."""
    import polars as pl

    everyone = charges.with_columns(subject=pl.lit("all owners"))
    if by == "location":
        return everyone
    seats = {name: one.headquarters for name, one in companies.parents.items()}
    at_home = everyone.with_columns(country=pl.col("owner").replace(seats))
    if by == "headquarters":
        return at_home
    elsewhere = at_home.filter(pl.col("country") != everyone["country"])
    return pl.concat([everyone, elsewhere])
