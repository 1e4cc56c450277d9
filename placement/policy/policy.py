"""A loaded pack with its options chosen: the one object the rest of the house asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from placement.catalog import Accelerator, all_codes
from placement.policy.counted import Answer, is_counted
from placement.policy.groups import resolve_groups
from placement.policy.kinds import AnyRule, Context
from placement.policy.kinds.base import Between, OptionChoice
from placement.policy.pack import Pack
from placement.policy.row import Row
from placement.vocabulary import Basis

BETWEEN: Mapping[str, Between] = {"ignore": "ignore", "warning": "warning", "breach": "breach"}


@dataclass(frozen=True, slots=True)
class Subject:
    """An owner group: the ultimate parent's name and seat, and the group's authorizations."""

    name: str
    headquarters: str
    authorizations: frozenset[str]


@dataclass(frozen=True)
class Policy:
    """A pack, the digest of its file, and the options chosen."""

    pack: Pack
    digest: str
    origin: str
    options: Mapping[str, str]
    _groups: dict[date, dict[str, frozenset[str]]] = field(default_factory=dict, repr=False)

    @property
    def tf32_bits(self) -> int:
        """The bit length at which a TF32 rate counts; 0: not at all."""
        return int(self.options.get("tf32_bits", "19"))

    @property
    def basis(self) -> Basis:
        """Whether the legal owner's or the operator's chips are a company's own."""
        return Basis(self.options.get("basis", "owned"))

    def rule(self, rule_id: str) -> AnyRule:
        """Give the rule with that id; KeyError where there is none."""
        return {rule.id: rule for rule in self.pack.rules}[rule_id]

    def groups_on(self, day: date) -> dict[str, frozenset[str]]:
        """Give each group's countries on a day."""
        if day not in self._groups:
            self._groups[day] = resolve_groups(self.pack.groups, self.options, all_codes(), day)
        return self._groups[day]

    def group_changes(self) -> set[date]:
        """Give the days on which a country joins or leaves a group of the pack."""
        return {day for group in self.pack.groups.values() for day in group.changes()}

    def counts(self, accelerator: Accelerator) -> Answer:
        """Tell whether a model is in the pack's scope."""
        return is_counted(self.pack.counted, accelerator, accelerator.mtpp(self.tf32_bits))

    def not_bound(self, rule: AnyRule, subject: Subject, day: date) -> str | None:
        """Give the reason why a rule does not bind a subject, None where it does."""
        needed = rule.binds
        if needed.authorization is not None:
            held = {a.partition(":")[0] for a in subject.authorizations} or {"none"}
            if needed.authorization not in held:
                return f"{subject.name} does not hold {needed.authorization}"
        if needed.headquarters is not None:
            seats = self.groups_on(day)[needed.headquarters]
            if subject.headquarters not in seats:
                return (
                    f"headquarters in {subject.headquarters}, "
                    f"the rule binds those in {needed.headquarters}"
                )
        return None

    def rows(self, rule: AnyRule, subject: str, day: date, places: frozenset[str]) -> Iterator[Row]:
        """Give the rule's rows for a subject on a day, over the places where it has kit."""
        yield from rule.rows(Context(subject, day, self.groups_on(day), places))

    def between_dates(self, rule: AnyRule) -> Between:
        """Tell what a breach between two measurement dates of a rule is."""
        choice = rule.between_dates
        if isinstance(choice, OptionChoice):
            return BETWEEN[self.options[choice.option]]
        return choice
