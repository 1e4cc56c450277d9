"""Whose fleet is planned: the owner that buys, and its group."""

from __future__ import annotations

from collections.abc import Mapping

from placement.errors import Fault, UsageError, did_you_mean
from placement.policy import Subject
from placement.readers.config.placement_toml import Config
from placement.readers.tables.entities import Entities

NEW_OWNER = "owner"
"""How whoever buys is called where neither a lot nor the configuration says it."""


def planned_owner(
    config: Config, file: str, subjects: Mapping[str, Subject], entities: Entities | None
) -> tuple[str, Subject]:
    """Return the owner that buys, and its group: the configured one, else the only one.

    An owner of the inventory is planned with the group that is judged; where siblings are left out
    that is not all of its ultimate parent's.
    """
    owner = config.placement.owner
    groups = {name: subject.name for name, subject in subjects.items()}
    parents = sorted(set(groups.values()))
    if not subjects and (entities is None or entities.assumed):
        # Nobody owns anything yet: whoever buys has the headquarters that are assumed of everyone.
        return _new_owner(owner or NEW_OWNER, entities)
    known = {*groups, *parents, *(one.name for one in entities or ())}
    if owner is None and len(parents) == 1:
        owner = parents[0]
    if owner is None or owner not in known:
        fix = f"set [placement] owner to one of: {', '.join(parents)}"
        message = f"the inventory has {len(parents)} owner groups, and one is planned at a time"
        if not parents:
            fix = f"set [placement] owner to one of: {', '.join(sorted(known))}"
            message = "the inventory has no lots, so it does not say who is planned"
        if owner is not None:
            message = "no such owner in the inventory or the entities"
            fix = f"{did_you_mean(owner, known)} {fix}".strip()
        raise UsageError(Fault(message, fix, file, column="placement.owner", value=owner))
    judged = [subjects[owner]] if owner in subjects else []
    judged += [subject for subject in subjects.values() if subject.name == owner]
    if judged:
        return owner, judged[0]
    return _new_owner(owner, entities)


def _new_owner(owner: str, entities: Entities | None) -> tuple[str, Subject]:
    """Return an owner that has no lot, and its group."""
    if entities is None:
        return owner, Subject(owner, "", frozenset())
    parent = entities.ultimate_parent(owner)
    holders = frozenset(
        entities.seat(one) for one in entities.group(parent) if entities.entity(one).authorizations
    )
    held = entities.authorizations(owner)
    return owner, Subject(parent, entities.headquarters(owner), held, holders=holders)


def called(config: Config, owner: str) -> list[str]:
    """Say how the owner is called where nobody says who buys."""
    if owner != NEW_OWNER or config.placement.owner is not None:
        return []
    return [f"what is bought is of {NEW_OWNER!r}: set [placement] owner for another name"]
