"""Companies and owner groups: who is judged, and to whose totals each company adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from placement.enums import Basis, Which
from placement.errors import Fault, InputError, UsageError
from placement.inventory import Inventory
from placement.policy import Policy, Subject
from placement.policy.rules import AnyRule, DutyRule, RuleOnTotals, StorageRule

if TYPE_CHECKING:
    from placement.readers.tables.entities import Entities

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Acquirer:
    """Someone who may add chips, and to whose totals they would add.

    `groups`: the owner groups; `parent`: its ultimate parent, as a consignee; `holder`: the same
    with what the company itself is authorized to; `seats`: where it has headquarters.
    """

    name: str
    groups: tuple[Subject, ...]
    parent: Subject
    holder: Subject
    seats: frozenset[str]

    @classmethod
    def group(cls, one: Subject) -> Acquirer:
        """Take an owner group as a whole."""
        return cls(one.name, (one,), one, one, frozenset({one.headquarters}))


@dataclass(frozen=True, slots=True)
class OwnerGroups:
    """The companies of a run.

    `parents`: the ultimate parent of each company that is named anywhere. `groups`: the owner
    groups to whose totals each owner (by the policy's basis) adds: that of its parent, or, where
    siblings are left out, those of all authorized companies on its line. `siblings`: the ultimate
    parents for which that makes a difference; `held`: what each company is authorized to, where it
    is not all that its parent's group is; `seats`: the headquarters of each company and of its
    ultimate parent.
    """

    parents: Mapping[str, Subject]
    groups: Mapping[str, tuple[Subject, ...]]
    siblings: tuple[str, ...] = ()
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    seats: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def judged(self) -> dict[str, Subject]:
        """The owner groups by name."""
        return {one.name: one for groups in self.groups.values() for one in groups}

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names of the groups of each owner."""
        return {name: tuple(one.name for one in groups) for name, groups in self.groups.items()}

    @property
    def ultimate_parents(self) -> dict[str, Subject]:
        """The ultimate parents by their own name."""
        return {parent.name: parent for parent in self.parents.values()}

    def headquartered(self, countries: frozenset[str]) -> list[str]:
        """Return the companies whose ultimate parents have headquarters there."""
        return [name for name, one in self.parents.items() if one.headquarters in countries]

    def seated(self, countries: frozenset[str]) -> list[str]:
        """Return the companies with headquarters, or those of their ultimate parents, there."""
        return sorted(name for name, seats in self.seats.items() if seats & countries)

    def holder(self, name: str) -> Subject:
        """Return a company's ultimate parent with what the company itself is authorized to."""
        parent = self.parents[name]
        return replace(
            parent,
            authorizations=self.held.get(name, parent.authorizations),
            seats=self.seats.get(name, frozenset()),
        )

    def adders(self) -> list[Acquirer]:
        """Return everyone who may add chips, by name: owner groups.

        Where siblings are left out it is each owner by itself: its chips may add to the totals of
        several groups, and those of its sister to others.
        """
        if not self.held:
            return [Acquirer.group(one) for _, one in sorted(self.judged.items())]
        return [
            Acquirer(name, groups, self.parents[name], self.holder(name), self.seats[name])
            for name, groups in sorted(self.groups.items())
        ]

    def parent_names(self) -> dict[str, str]:
        """Return the name of each company's ultimate parent."""
        return {name: subject.name for name, subject in self.parents.items()}


def owner_groups_of(
    inventory: Inventory,
    policy: Policy,
    entities: Entities | None,
    others: Mapping[str, str] | None = None,
) -> OwnerGroups:
    """Return the companies of an inventory, and `others`: exporters and owners of model weights.

    `others` names the file of each.

    InputError for companies that the entities file lacks, UsageError where none is given and some
    rule needs one.
    """
    owning = set(inventory.lots["owner"].unique().to_list())
    if policy.basis is Basis.OPERATED:
        owning.update(inventory.lots["operator"].unique().to_list())
    owners = sorted(owning)
    files = dict(others or {})
    more = sorted({*files} - {*owners})
    if entities is None:
        if needs_companies(policy):
            raise UsageError(_entities_needed([*owners, *more], policy, inventory.source))
        every = {*owners, *more, *_named(inventory)}
        parents = {name: Subject(name, "", frozenset()) for name in every}
        return OwnerGroups(parents, {name: (parents[name],) for name in [*owners, *more]})
    named = {*owners, *more}
    if policy.pack.ledger is not None or any(_needs_others(rule) for rule in policy.pack.rules):
        named |= _named(inventory)
    problems = entities.problems_for(sorted(named - {*more}), inventory.source)
    problems += [one for name in more for one in entities.problems_for([name], files[name])]
    if problems:
        raise InputError(problems)
    seats_of = cache(lambda parent: _seats(entities, entities.group(parent)))
    parents = {
        name: Subject(
            entities.ultimate_parent(name),
            entities.headquarters(name),
            entities.authorizations(name),
            holders=seats_of(entities.ultimate_parent(name)),
        )
        for name in named
    }
    judged = [*owners, *more]
    seats = {name: frozenset({entities.seat(name), one.headquarters})
             for name, one in parents.items()}  # fmt: skip
    together = {name: (parents[name],) for name in judged}
    if entities.assumed:  # every company is its own ultimate parent: nobody has siblings
        return OwnerGroups(parents, together, seats=seats)
    apart = _without_siblings(judged, entities)
    siblings = _differing(together, apart)
    if policy.answers.of("siblings") != "exclude":
        return OwnerGroups(parents, together, siblings, seats=seats)
    lines = _without_siblings(sorted(named), entities)
    held = {
        name: frozenset[str]().union(*(group.authorizations for group in groups))
        for name, groups in lines.items()
    }
    return OwnerGroups(parents, apart, siblings, held, seats)


def subjects_of(
    inventory: Inventory, policy: Policy, entities: Entities | None
) -> dict[str, Subject]:
    """Return the one owner group of each owner of the inventory; errors as above.

    UsageError where siblings are left out: an owner may then belong to several groups.
    """
    found = owner_groups_of(inventory, policy, entities)
    if any(len(groups) != 1 for groups in found.groups.values()):
        fix = "check the layout that you have in mind instead, or plan with siblings = include"
        raise UsageError(Fault("siblings = exclude makes owner groups overlap", fix))
    return {name: groups[0] for name, groups in found.groups.items()}


def needs_companies(policy: Policy) -> bool:
    """Tell whether some rule or channel asks for headquarters or an authorization."""
    bindings = [rule.binds for rule in policy.pack.rules]
    bindings += [channel.binds for channel in policy.pack.channels]
    if any(policy.asks(binds) for binds in bindings):
        return True
    if any(rule.seated is not None for rule in policy.on_totals):
        return True
    by_seat = policy.answers.of("charge_by") != "location" and policy.pack.ledger is not None
    return by_seat or any(isinstance(rule, StorageRule) for rule in policy.pack.rules)


def needs_authorizations(policy: Policy) -> bool:
    """Tell whether some rule or channel asks what a company is authorized to."""
    bindings = [rule.binds for rule in policy.pack.rules]
    bindings += [channel.binds for channel in policy.pack.channels]
    return any(binds.authorization is not None for binds in bindings)


def _needs_others(rule: AnyRule) -> bool:
    """Tell whether a rule looks at companies beside the owners: operators, consignees."""
    if not isinstance(rule, RuleOnTotals):
        return isinstance(rule, StorageRule) or (isinstance(rule, DutyRule) and rule.of != "date")
    received = getattr(rule, "measure", "stock") == "received"
    looks = rule.which is Which.FOREIGN_OPERATOR or rule.seated is not None
    return looks or rule.about == "consignee" or received


def _named(inventory: Inventory) -> set[str]:
    """Return every company that stands in a lot."""
    found: set[str] = set()
    for column in ("owner", "operator", "consignee"):
        found.update(inventory.lots[column].unique().drop_nulls().to_list())
    return found


def _without_siblings(owners: Iterable[str], entities: Entities) -> dict[str, tuple[Subject, ...]]:
    """Give, for each owner, the groups of the authorized companies above it, itself and below.

    A group is an authorized company with its subsidiaries and parents. What belongs to none is
    judged with its ultimate parent, without an authorization.
    """
    holders = {entity.name: entity for entity in entities if entity.authorizations}
    below: dict[str, list[str]] = {}
    for name in holders:
        for above in entities.ancestors(name):
            below.setdefault(above, []).append(name)
    found = {}
    for owner in owners:
        line = dict.fromkeys([*entities.ancestors(owner), owner, *below.get(owner, ())])
        groups = [
            Subject(
                name,
                entities.headquarters(name),
                holders[name].authorizations,
                holders=_seats(entities, [name]),
            )
            for name in line
            if name in holders
        ]
        if not groups:
            parent = entities.ultimate_parent(owner)
            groups = [Subject(parent, entities.headquarters(owner), frozenset())]
        found[owner] = tuple(groups)
    return found


def _seats(entities: Entities, names: Iterable[str]) -> frozenset[str]:
    """Return where those companies that hold an authorization have their own headquarters."""
    return frozenset(entities.seat(name) for name in names if entities.entity(name).authorizations)


def _differing(
    together: Mapping[str, tuple[Subject, ...]], apart: Mapping[str, tuple[Subject, ...]]
) -> tuple[str, ...]:
    """Return the ultimate parents some of whose holders have not all of the group beside them."""
    members: dict[str, set[str]] = {}
    for owner, (parent,) in together.items():
        members.setdefault(parent.name, set()).add(owner)
    lines: dict[str, set[str]] = {}
    for owner, groups in apart.items():
        for group in groups:
            if group.authorizations:
                lines.setdefault(group.name, set()).add(owner)
    partial = {frozenset(line) for line in lines.values()}
    return tuple(
        sorted(name for name, owners in members.items() if any(line < owners for line in partial))
    )


def _entities_needed(companies: list[str], policy: Policy, source: str) -> Fault:
    rows = [f"{_cell(name)},,," for name in companies[:_MOST_NAMED]]
    if len(companies) > _MOST_NAMED:
        rows.append(f"... and {len(companies) - _MOST_NAMED} more")
    listed = "\n".join(f"    {row}" for row in rows)
    return Fault(
        f"pack {policy.pack.id} binds owners by headquarters and authorization, and none are given",
        "give --headquarters US --authorization uveu for all owners (or the same keys in "
        "placement.toml), or --entities FILE with\n"
        f"    entity,parent,headquarters,authorization\n{listed}",
        file=source,
    )


def _cell(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\n\r') else name
