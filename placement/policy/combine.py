"""Several packs as one, for whoever needs the rules of all of them together: the planner.

Rules are named PACK:RULE. Groups, schedules and options of the first pack keep their names, those
of the others are named PACK:NAME, so that nothing of two packs mixes. A rule of a pack that counts
other chips than the one which shares, notices and the ledger are of has that test as its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from placement.enums import Which
from placement.errors import Fault, UsageError
from placement.policy.base_model import Record
from placement.policy.country_groups import EVERYWHERE
from placement.policy.options import UNDERSTOOD
from placement.policy.pack import Ledger, Pack
from placement.policy.policy import Policy
from placement.policy.rules import AnyRule, NoticeRule, ProhibitionRule, RuleOnTotals, ShareRule

#: The fields of the records of a pack that name one of its groups, schedules or options.
_REFERS = frozenset(
    {"numerator", "denominator", "seated", "origin", "places", "run_from", "never", "home",
     "headquarters", "seatless", "schedule", "option"}
)  # fmt: skip

#: The questions that are answered as the pack answers them that has the ledger.
_OF_THE_LEDGER = ("blank_licence", "charge_by")

R = TypeVar("R", bound=Record)


def combined(policies: Sequence[Policy]) -> Policy:
    """Return one policy with the rules of all; a single one as it is.

    The questions that the tool acts on have to be answered alike: see `several.require_equal`.
    UsageError where two packs charge what is received, or their shares count different chips.
    """
    first = policies[0]
    if len(policies) == 1:
        return first
    keeper = _ledger_of(policies)
    counting = [policy for policy in policies if policy is keeper or _counts_for_all(policy)]
    if any(one.pack.counted.any_ != counting[0].pack.counted.any_ for one in counting):
        message = "shares, notices or accounts that count different chips"
        raise UsageError(_one_only(message, (one.pack.id for one in counting)))
    counted = (counting or policies)[0].pack.counted
    renamed = [policy.pack if policy is first else _renamed(policy.pack) for policy in policies]
    rules: list[AnyRule] = []
    for policy, pack in zip(policies, renamed, strict=True):
        same = policy.pack.counted.any_ == counted.any_
        rules += [_named(rule, policy, same=same) for rule in pack.rules]
    ledger = next((_with_rooms(one, pack) for one, pack in zip(policies, renamed, strict=True)
                   if one is keeper), None)  # fmt: skip
    pack = first.pack.model_copy(
        update={
            "id": " and ".join(policy.pack.id for policy in policies),
            "counted": counted,
            "groups": {name: one for pack in renamed for name, one in pack.groups.items()},
            "schedules": {name: one for pack in renamed for name, one in pack.schedules.items()},
            "options": {name: one for pack in renamed for name, one in pack.options.items()},
            "partition": [],
            "ledger": ledger,
            "rules": rules,
        }
    )
    options = {
        name: answer
        for policy in reversed(policies)
        for name, answer in policy.options.items()
        if name in UNDERSTOOD or policy is first
    }
    for one in policies[1:]:
        options |= {f"{one.pack.id}:{name}": answer for name, answer in one.options.items()}
    if keeper is not None:
        options |= {name: keeper.answers.of(name) for name in _OF_THE_LEDGER}
    added = dict(first.added)
    for one in policies[1:]:
        added |= {f"{one.pack.id}:{group}": places for group, places in one.added.items()}
    return Policy(pack, first.digest, first.origin, options, added)


def _ledger_of(policies: Sequence[Policy]) -> Policy | None:
    """Return the pack by whose channels all that comes is charged, None where none has a ledger.

    That is the one whose channels limit something. The others' channels only say what needs no
    licence; UsageError where they say it of one that the ledger does not have.
    """
    ledgers = [policy for policy in policies if policy.pack.ledger is not None]
    charging = [policy for policy in policies if _charges(policy)]
    if len(charging) > 1:
        ids = (one.pack.id for one in charging)
        raise UsageError(_one_only("accounts of what is received", ids))
    keeper = next(iter((*charging, *ledgers)), None)
    ledger = keeper.pack.ledger if keeper is not None else None
    known = {channel.id for channel in ledger.channels} if ledger is not None else set()
    others = [
        ledger
        for ledger in ledgers
        for rule in ledger.on_totals
        if isinstance(rule, ProhibitionRule) and not known.issuperset(rule.exceptions)
    ]
    if others and keeper is not None:
        packs = dict.fromkeys((keeper.pack.id, *(one.pack.id for one in others)))
        raise UsageError(_one_only("different channels", packs))
    return keeper


def _charges(policy: Policy) -> bool:
    """Tell whether something is limited by how it came, or barred since it came by no channel."""
    ledger = policy.pack.ledger
    has_room = ledger is not None and any(channel.room is not None for channel in ledger.channels)
    return has_room or any(
        getattr(rule, "measure", "") == "received" or rule.which is Which.UNCOVERED
        for rule in policy.on_totals
    )


def _counts_for_all(policy: Policy) -> bool:
    """Tell whether something of a pack counts chips and can have no test of its own."""
    return any(isinstance(rule, ShareRule | NoticeRule) for rule in policy.pack.rules)


def _one_only(what: str, ids: Iterable[str]) -> Fault:
    return Fault(
        f"packs cannot be planned under together that have {what}: {', '.join(ids)}",
        "plan under one of them, and check the layout under the others",
        column="policy",
    )


def _named(rule: AnyRule, policy: Policy, *, same: bool) -> AnyRule:
    """Return a rule as it is named among several packs, with the test of its pack if need be."""
    update: dict[str, Any] = {"id": f"{policy.pack.id}:{rule.id}"}
    if isinstance(rule, RuleOnTotals) and rule.counted is None and not same:
        update["counted"] = policy.pack.counted
    return rule.model_copy(update=update)


def _with_rooms(policy: Policy, pack: Pack) -> Ledger | None:
    """Return a ledger whose channels name the caps that they have room under as they are named."""
    ledger = pack.ledger
    if ledger is None:
        return None
    channels = [
        channel if channel.room is None
        else channel.model_copy(update={"room": f"{policy.pack.id}:{channel.room}"})
        for channel in ledger.channels
    ]  # fmt: skip
    return ledger.model_copy(update={"channels": channels})


def _renamed(pack: Pack) -> Pack:
    """Return a pack whose groups, schedules and options are named PACK:NAME."""

    def name(text: str) -> str:
        return text if text == EVERYWHERE else f"{pack.id}:{text}"

    return pack.model_copy(
        update={
            "groups": {name(key): _record(one, name) for key, one in pack.groups.items()},
            "schedules": {name(key): _record(one, name) for key, one in pack.schedules.items()},
            "options": {name(key): one for key, one in pack.options.items()},
            "ledger": None if pack.ledger is None else _record(pack.ledger, name),
            "rules": [_record(rule, name) for rule in pack.rules],
        }
    )


def _record(record: R, name: Callable[[str], str]) -> R:
    """Return a record of a pack, and those in it, with the names that they refer to.

    Fields that refer to nothing stay as they are, also those of which nothing was said.
    """
    update: dict[str, object] = {}
    for field in record.model_fields_set:
        value = getattr(record, field)
        if isinstance(value, str) and field in _REFERS:
            update[field] = name(value)
        elif isinstance(value, Record):
            update[field] = _record(value, name)
        elif isinstance(value, list) and field == "all_except":
            update[field] = [name(one) for one in value]
        elif isinstance(value, list):
            update[field] = [
                _record(one, name) if isinstance(one, Record) else one for one in value
            ]
    return record.model_copy(update=update)
