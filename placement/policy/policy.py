"""A loaded pack with its options chosen: the one object the rest of the house asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from placement.catalog import Accelerator, all_codes
from placement.enums import Basis
from placement.policy.counted import Answer, is_counted
from placement.policy.country_groups import EVERYWHERE, resolve_groups
from placement.policy.options import Answers
from placement.policy.pack import Pack
from placement.policy.row import Measured, Row
from placement.policy.rules import (
    AnyRule,
    BaseRule,
    Binding,
    CapRule,
    Context,
    On,
    RuleOnTotals,
)
from placement.policy.rules.base import Between, OptionChoice
from placement.policy.schedules import Schedule

BETWEEN: Mapping[str, Between] = {"ignore": "ignore", "warning": "warning", "breach": "breach"}

#: The authorization that is held country by country, as `nveu:IN`.
BY_COUNTRY = "nveu"


_NOT_BOUND = "this rule does not bind it"

_AUTHORIZATIONS = {
    "uveu": "a universal authorization (uveu)",
    "nveu": "a national authorization (nveu)",
    "none": "no authorization at all",
}


def _listed(countries: list[str]) -> str:
    """Return countries where there may be one: some company has none known."""
    return ", ".join(country or "an unknown country" for country in countries)


@dataclass(frozen=True, slots=True)
class Subject:
    """An owner group: the ultimate parent's name and seat, and the group's authorizations.

    `seats`: of one company of it: its own headquarters too, where a channel asks for them.
    `holders`: where the companies that hold the authorizations have their own.
    """

    name: str
    headquarters: str
    authorizations: frozenset[str]
    seats: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()

    def holds(self, authorization: str, place: str | None = None) -> bool:
        """Tell whether it holds an authorization (`nveu`: for a country, or for any)."""
        if authorization == "none":
            return not self.authorizations
        if authorization != BY_COUNTRY:
            return authorization in self.authorizations
        where = self.authorized()
        return bool(where) if place is None else place in where

    def authorized(self) -> frozenset[str]:
        """Return the countries for which it holds `nveu`."""
        pairs = (held.partition(":") for held in self.authorizations)
        return frozenset(where for kind, _, where in pairs if kind == BY_COUNTRY)


#: The subject of rules about all owners together.
ALL_OWNERS = Subject("all owners", "", frozenset())


@dataclass(frozen=True)
class Policy:
    """A pack, the digest of its file, and the options chosen.

    `added`: the countries that a user's configuration adds to groups, on every day.
    """

    pack: Pack
    digest: str
    origin: str
    options: Mapping[str, str]
    added: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _groups: dict[date, dict[str, frozenset[str]]] = field(default_factory=dict, repr=False)

    @cached_property
    def answers(self) -> Answers:
        """The answers to the questions that the tool acts on."""
        return Answers(self.options)

    @property
    def tf32_bits(self) -> int:
        """The bit length at which a TF32 rate counts; 0: not at all."""
        return self.answers.tf32_bits

    @property
    def basis(self) -> Basis:
        """Whether the legal owner's or the operator's chips are a company's own."""
        return self.answers.basis

    @cached_property
    def schedules(self) -> dict[str, Schedule]:
        """The measurement dates under the options chosen."""
        return {name: one.chosen(self.options) for name, one in self.pack.schedules.items()}

    @cached_property
    def on_totals(self) -> tuple[RuleOnTotals, ...]:
        """The rules that are rows over totals."""
        return tuple(rule for rule in self.pack.rules if isinstance(rule, RuleOnTotals))

    def rule(self, rule_id: str) -> AnyRule:
        """Return the rule with that id; KeyError where there is none."""
        return {rule.id: rule for rule in self.pack.rules}[rule_id]

    def on(self, day: date) -> On:
        """Return a day with each group's countries on it and the answers chosen."""
        return On(day, self.groups_on(day), self.options)

    def groups_on(self, day: date) -> dict[str, frozenset[str]]:
        """Return each group's countries on a day."""
        if day not in self._groups:
            self._groups[day] = self.groups_under(self.options, day)
        return self._groups[day]

    def groups_under(self, options: Mapping[str, str], day: date) -> dict[str, frozenset[str]]:
        """Return each group's countries on a day under other answers."""
        return resolve_groups(self.pack.groups, options, all_codes(), day, self.added)

    def changes(self) -> set[date]:
        """Return the days on which a country changes groups, or a limit falls."""
        days = {day for group in self.pack.groups.values() for day in group.changes()}
        for rule in self.pack.rules:
            if isinstance(rule, CapRule):
                for earlier, later in zip(rule.steps, rule.steps[1:], strict=False):
                    if Fraction(later.limit) < Fraction(earlier.limit):
                        days.add(later.since)
        return days

    def counts(self, accelerator: Accelerator) -> Answer:
        """Tell whether a model is in the pack's scope."""
        return is_counted(self.pack.counted, accelerator, accelerator.mtpp(self.tf32_bits))

    def not_in_force(self, rule: BaseRule, day: date) -> str | None:
        """Return why `this rule` does not stand on a day for anyone, None where it does."""
        condition = rule.only_if
        if condition is not None and self.options[condition.option] not in condition.values:
            answer = f"{condition.option} = {self.options[condition.option]}"
            return f"under {answer} this rule does not stand"
        if rule.in_force(day):
            return None
        if rule.since is not None and day < rule.since:
            return f"this rule does not stand before {rule.since}"
        if rule.until is not None and day >= rule.until:
            return f"this rule does not stand from {rule.until} on"
        return f"this rule has no limit on {day}"

    def not_bound(self, rule: BaseRule, subject: Subject, day: date) -> str | None:
        """Return why `this rule` does not bind a subject, a sentence; None where it does."""
        return self.not_in_force(rule, day) or self.not_open(rule.binds, subject, day)

    def not_open(
        self, needed: Binding, subject: Subject, day: date, place: str | None = None
    ) -> str | None:
        """Return the condition that a subject (at a place) does not meet; None: it meets all."""
        if needed.authorization is not None and not subject.holds(needed.authorization, place):
            where = f" for {place}" if place is not None else ""
            held = _AUTHORIZATIONS.get(needed.authorization, needed.authorization)
            return f"{subject.name} does not hold {held}{where}, so {_NOT_BOUND}"
        seats = self.seats(needed, day)
        if seats is not None:
            # An authorization is that of its group; without one, a company's own seat counts, too.
            own = subject.seats if needed.authorization is None else frozenset()
            asked, whose = {subject.headquarters, *own}, self._whose(needed)
            if whose != "parent":
                asked = set(subject.holders) or {subject.headquarters}
            if whose == "either":
                asked.add(subject.headquarters)
            outside = sorted(asked - seats)
            # Of several holders, or a holder and its parent, one that is seated there is enough.
            if outside and (whose == "parent" or asked.isdisjoint(seats)):
                return (
                    f"{subject.name} has headquarters in {_listed(outside)}, outside "
                    f"{needed.headquarters}, so {_NOT_BOUND}"
                )
        if needed.seatless is not None:
            seats = self.groups_on(day)[needed.seatless]
            inside = sorted({subject.headquarters, *subject.holders} & seats)
            if inside:
                return (
                    f"{subject.name} has headquarters in {_listed(inside)}, inside "
                    f"{needed.seatless}, so {_NOT_BOUND}"
                )
        return None

    def seats(self, needed: Binding, day: date) -> frozenset[str] | None:
        """Return where the headquarters must be that a condition asks for; None: anywhere.

        A group of all countries asks for none, so that nobody needs to say where they are.
        """
        if needed.headquarters is None:
            return None
        groups = self.groups_on(day)
        found = groups[needed.headquarters]
        return None if found == groups[EVERYWHERE] else found

    def asks(self, needed: Binding) -> bool:
        """Tell whether a condition asks anything of a company, on any day."""
        if needed.authorization is not None or needed.seatless is not None:
            return True
        changes = {day for group in self.pack.groups.values() for day in group.changes()}
        days = {self.pack.status.as_of, *changes, *(day - timedelta(days=1) for day in changes)}
        return any(self.seats(needed, day) is not None for day in days)

    def _whose(self, needed: Binding) -> str:
        """Return whose headquarters a condition asks for."""
        choice = needed.whose
        return self.options[choice.option] if isinstance(choice, OptionChoice) else choice

    def measured(self, rule: RuleOnTotals, day: date) -> Measured:
        """Return the totals that a rule is about on a day."""
        return rule.of(self.on(day))

    def rows(
        self,
        rule: RuleOnTotals,
        subject: Subject,
        day: date,
        places: frozenset[str],
        models: frozenset[str] = frozenset(),
    ) -> Iterator[Row]:
        """Return the rule's rows for a subject on a day, over the places where it has anything."""
        by_country = rule.binds.authorization == BY_COUNTRY
        authorized = subject.authorized() if by_country else None
        yield from rule.rows(Context(subject.name, self.on(day), places, models, authorized))

    def between_dates(self, rule: BaseRule) -> Between:
        """Tell what a breach between two measurement dates of a rule is."""
        choice = rule.between_dates
        if isinstance(choice, OptionChoice):
            return BETWEEN[self.options[choice.option]]
        return choice
