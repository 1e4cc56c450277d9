"""What a pack says of places: tier, channels, licence and limits, for a company or for any.

For a chip of one model. Of a company that is not known, everything is listed with the condition
that it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from placement.catalog import Catalog
from placement.enums import Channel, Comparison, Counted, Which
from placement.fleet.channels import Channels
from placement.fleet.classification import Classification
from placement.policy import Policy, Subject, load_policy, packs_in_force
from placement.policy.country_groups import EVERYWHERE
from placement.policy.pack import OpenChannel, ShipmentException
from placement.policy.rules import Binding, CapRule, ProhibitionRule, RuleOnTotals
from placement.text.decimals import grouped, plain

#: The chip that is meant where none is named.
USUAL_CHIP = "H100-SXM5-80GB"


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule that binds at a place: `what` it says there; `given`: where it rests on the company.

    `enforced` None: the pack does not say.
    """

    rule: str
    what: str
    enforced: bool | None
    given: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A channel that is open at a place; `room`: the cap that it has room under, if any."""

    channel: str
    room: str | None = None
    given: str = ""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """What a pack says of one place; `tier` None: the pack has no partition.

    `channels` None: it has no ledger. `licence`: the rules under which one is needed, each with
    `needed` or `needed beyond CHANNEL`; `asks_licences`: whether any rule of the pack asks for one.
    `barred`: the rules by which no such chip may be there at all.
    """

    place: str
    tier: str | None
    is_home: bool
    channels: tuple[Way, ...] | None
    licence: tuple[Bound, ...]
    asks_licences: bool
    barred: tuple[Bound, ...]
    limits: tuple[Bound, ...]

    @property
    def enforced(self) -> str:
        """Whether what binds there is enforced: yes, no, or only some rules."""
        rules = {one.rule: one.enforced for one in (*self.licence, *self.barred, *self.limits)}
        if not rules:
            return "nothing binds"
        told = [rule for rule, enforced in rules.items() if enforced]
        if not told:
            return "not said" if set(rules.values()) == {None} else "no"
        return "yes" if len(told) == len(rules) else f"only {', '.join(told)}"


@dataclass(frozen=True, slots=True)
class Places:
    """The lines of a pack's places on a day; `company` None: any.

    `early`: the rules that do not stand yet on the day. `in_force`: what other
    packs that are in force ask for there, a sentence each.
    """

    pack: str
    version: str
    day: date
    model: str
    company: Subject | None
    lines: tuple[PlaceLine, ...]
    early: tuple[str, ...] = ()
    in_force: tuple[str, ...] = ()


def places_of(
    policy: Policy,
    catalog: Catalog,
    places: Sequence[str],
    company: Subject | None,
    day: date,
    model: str = USUAL_CHIP,
) -> Places:
    """Return what a pack says of places (ISO codes) on a day, of one chip of a model."""
    table = _Table(policy, Classification(policy, catalog), company, day, model)
    pack = policy.pack
    lines = tuple(table.line(place) for place in dict.fromkeys(places))
    early = tuple(rule.id for rule in pack.rules if rule.since is not None and day < rule.since)
    return Places(pack.id, pack.version, day, model, company, lines, early)


def with_packs_in_force(found: Places, catalog: Catalog) -> Places:
    """Return places with what the packs in force that are not shown ask for there, whoever it is.

    Without it a reader takes a pack that is not enforced for the whole of the law.
    """
    codes = [one.place for one in found.lines]
    said = []
    for name in packs_in_force():
        if name == found.pack:
            continue
        other = places_of(load_policy(name), catalog, codes, found.company, found.day, found.model)
        asked: dict[str, list[str]] = {}
        for line in other.lines:
            bounds = [(f"licence {one.what}", one) for one in line.licence]
            for what, one in [*bounds, *((one.what, one) for one in line.barred)]:
                if one.enforced and not one.given:
                    asked.setdefault(f"{what} ({one.rule})", []).append(line.place)
        if asked:
            parts = "; ".join(f"{what}: {', '.join(where)}" for what, where in asked.items())
            said.append(f"in force today, not shown here: {name}: {parts}")
    return replace(found, in_force=tuple(said))


class _Table:
    """Draws up lines for one company, day and model."""

    def __init__(
        self, policy: Policy, scope: Classification, company: Subject | None, day: date, model: str
    ) -> None:
        self._policy, self._scope = policy, scope
        self._company, self._day, self._model = company, day, model
        self._open = Channels(scope)
        self._groups = policy.groups_on(day)

    def line(self, place: str) -> PlaceLine:
        """Return the line of a place."""
        policy = self._policy
        tiers = [one for one in policy.pack.partition if place in self._groups[one]]
        ways = tuple(self._ways(place)) if policy.pack.ledger is not None else None
        rules = [rule for rule in policy.on_totals if self._looks_at(rule, place)]
        asked = (Which.UNLICENSED, Which.UNCOVERED)
        prohibitions = [rule for rule in rules if isinstance(rule, ProhibitionRule)]
        return PlaceLine(
            place,
            tiers[0] if tiers else None,
            place in self._open.home(self._day),
            ways,
            tuple(
                filter(
                    None,
                    (self._licence(prohibition, place, ways or ()) for prohibition in prohibitions),
                )
            ),
            any(getattr(rule, "which", None) in asked for rule in policy.on_totals),
            tuple(
                self._bound(rule, _shipping("barred", rule))
                for rule in prohibitions
                if self._policy.measured(rule, self._day).which is Which.ALL
                and self._is_of_places(rule)
            ),
            tuple(
                self._bound(rule, _limit(rule, self._day))
                for rule in rules
                if not isinstance(rule, ProhibitionRule) and self._is_charged(rule, ways)
            ),
        )

    def _looks_at(self, rule: RuleOnTotals, place: str) -> bool:
        """Tell whether a rule looks at such chips in a place, and binds the company, if any."""
        if rule.by != "country" or place not in self._groups[rule.numerator]:
            return False
        if self._policy.not_in_force(rule, self._day) is not None:
            return False
        weight = self._scope.weight(self._model, "tpp", rule.tested_by())
        if weight.counted is Counted.NO:
            return False
        one = self._company
        if one is None:
            return True
        if rule.seated is not None and one.headquarters not in self._groups[rule.seated]:
            return False
        return self._policy.not_open(rule.binds, one, self._day, place) is None

    def _ways(self, place: str) -> Iterator[Way]:
        """Yield the channels that are open, in order, up to the first that has no end."""
        if place in self._open.home(self._day):
            return
        for one in self._open.listed():
            if one.by_record or not self._is_open(one, place):
                continue
            yield Way(one.id.value, one.room, self._given(one.binds))
            if self._company is not None and one.room is None:
                return

    def _is_open(self, channel: OpenChannel, place: str) -> bool:
        if self._company is not None:
            who = self._company
            return self._open.is_open(channel, who, who, place, self._day, self._model)
        return self._passes(channel) and place in self._groups[channel.places]

    def _passes(self, one: OpenChannel | ShipmentException) -> bool:
        return self._scope.passes(one, self._model) is Counted.YES

    def _licence(self, rule: ProhibitionRule, place: str, ways: Sequence[Way]) -> Bound | None:
        """Return whether a rule asks for a licence there, None where it does not."""
        if rule.measure == "shipped":
            if self._policy.measured(rule, self._day).which is not Which.UNLICENSED:
                return None
            exceptions = self._policy.pack.shipment_exceptions
            by_record = [one.id.value for one in exceptions if self._passes(one)]
            return self._bound(rule, _or_by(by_record, _shipping("needed", rule)))
        if rule.which is Which.UNLICENSED:
            free = {exception.value for exception in rule.exceptions}
            excepted = [one for one in self._open.listed() if one.id.value in free]
            if any(self._is_open(one, place) and not one.by_record for one in excepted):
                return None
            by_record = [one.id.value for one in excepted if self._is_open(one, place)]
            return self._bound(rule, _or_by(by_record, "needed"))
        if rule.which is not Which.UNCOVERED or place in self._open.home(self._day):
            return None
        others = [way for way in ways if way.channel != Channel.LICENCE.value]
        if any(one.room is None for one in others) and self._company is not None:
            return None
        names = ", ".join(one.channel for one in others)
        what = "needed" if not others else f"needed beyond {names}"
        if others and self._company is None:
            what = f"needed where none of {names} is open"
        return self._bound(rule, what)

    def _is_charged(self, rule: RuleOnTotals, ways: Sequence[Way] | None) -> bool:
        """Tell whether what comes there by the open channels counts for a rule on receipts."""
        wanted = {one.value for one in getattr(rule, "channels", ())}
        return not wanted or any(one.channel in wanted for one in ways or ())

    def _is_of_places(self, rule: ProhibitionRule) -> bool:
        """Tell whether a rule is about this place, or about a company that is known.

        Of one that is not, what it may hold or not at all, wherever, says nothing of the place.
        """
        return self._company is not None or rule.numerator != EVERYWHERE

    def _bound(self, rule: RuleOnTotals, what: str) -> Bound:
        status = self._policy.pack.status.enforced
        enforced = status if rule.enforced is None else rule.enforced
        weight = self._scope.weight(self._model, "tpp", rule.tested_by())
        parts = [self._given(rule.binds, rule.seated)]
        if weight.counted is Counted.UNKNOWN:
            missing = ", ".join(weight.missing)
            parts.append(f"if it counts: {missing} of {self._model} is not known")
        return Bound(rule.id, what, enforced, ", ".join(filter(None, parts)))

    def _given(self, binds: Binding, seated: str | None = None) -> str:
        """Return what has to be so of a company that is not known, empty for a known one."""
        if self._company is not None:
            return ""
        parts = []
        if binds.authorization is not None:
            parts.append(f"authorization {binds.authorization}")
        parts += [f"headquarters in {one}" for one in (binds.headquarters, seated) if one]
        if binds.seatless is not None:
            parts.append(f"no headquarters in {binds.seatless}")
        return ", ".join(parts)


def _or_by(exceptions: Sequence[str], what: str) -> str:
    """Return what is needed where an exception that has to be recorded does not do."""
    return f"{what}, or {' or '.join(exceptions)} on record" if exceptions else what


def _shipping(what: str, rule: ProhibitionRule) -> str:
    if rule.measure != "shipped":
        return what
    return f"{what} to ship there" + (f" from {rule.origin}" if rule.origin else "")


def _limit(rule: RuleOnTotals, day: date) -> str:
    """Return the limit of a rule in words: a share in percent, an amount with its unit."""
    if isinstance(rule, CapRule):
        year = " a calendar year" if rule.calendar_year else ""
        return f"<= {grouped(plain(Fraction(rule.limit_on(day) or 0)))} {rule.unit()}{year}"
    limit, comparison = getattr(rule, "limit", None), getattr(rule, "comparison", "<=")
    if limit is None:
        return rule.formula()
    sign = Comparison(comparison).value
    of = "" if rule.per == "each place" else f" in all of {rule.numerator}"
    return f"{sign} {plain(Fraction(limit) * 100)} %{of}"


def company_of(headquarters: str, authorizations: frozenset[str]) -> Subject:
    """Return a company that is its own ultimate parent, as a subject."""
    seat = frozenset({headquarters})
    holders = seat if authorizations else frozenset[str]()
    return Subject("the company", headquarters, authorizations, seats=seat, holders=holders)
