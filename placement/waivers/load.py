"""From a waivers.toml to the waivers of a run: each with its rule, place and measure checked."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from placement.catalog import UnknownName, country
from placement.errors import Fault, InputError, did_you_mean
from placement.policy import Policy
from placement.policy.load import shipped_packs
from placement.policy.rules import AnyRule, NoticeRule, RatioRule, RuleOnTotals, ShareRule
from placement.readers.waivers import WaiverRow, read_waivers
from placement.text.decimals import plain
from placement.waivers.records import Waiver, Waivers


def load_waivers(path: str | Path, policies: Sequence[Policy]) -> Waivers:
    """Read the waivers of a file for some packs; InputError with every fault.

    A rule that no pack has is one, and so is a measure that its rule does not have.
    """
    found: list[Waiver] = []
    faults: list[Fault] = []
    left_out = 0
    for line, row in read_waivers(path):
        try:
            policy = _pack_of(row, policies)
            if policy is None:
                left_out += 1
                continue
            found.append(_waiver(row, policy, str(path), line))
        except _Unfit as unfit:
            faults.append(Fault(unfit.message, unfit.fix, str(path), line, unfit.key, unfit.value))
    if faults:
        raise InputError(faults)
    return Waivers(str(path), tuple(found), left_out)


class _Unfit(Exception):  # noqa: N818 - it only carries what is said
    def __init__(self, message: str, fix: str, key: str, value: str) -> None:
        self.message, self.fix, self.key, self.value = message, fix, key, value
        super().__init__(message)


def _pack_of(row: WaiverRow, policies: Sequence[Policy]) -> Policy | None:
    """Return the pack of a waiver's rule; None for one that is not of this run."""
    by_id = {policy.pack.id: policy for policy in policies}
    pack, colon, rule = row.rule.rpartition(":")
    if colon and pack not in by_id:
        known = [*by_id, *shipped_packs()]
        if pack in known:
            return None
        hint = did_you_mean(pack, known) or f"packs: {', '.join(dict.fromkeys(known))}"
        raise _Unfit(f"no such pack {pack!r}", hint, "rule", row.rule)
    asked = [by_id[pack]] if colon else list(policies)
    having = [one for one in asked if rule in {known.id for known in one.pack.rules}]
    if not having:
        known = [one.id for policy in asked for one in policy.pack.rules]
        packs = ", ".join(policy.pack.id for policy in asked)
        hint = did_you_mean(rule, known) or f"rules: placement policy show {asked[0].pack.id}"
        raise _Unfit(f"no such rule in {packs}", hint, "rule", row.rule)
    if len(having) > 1:
        names = " or ".join(f"{one.pack.id}:{rule}" for one in having)
        raise _Unfit("several packs have that rule", f"write {names}", "rule", row.rule)
    return having[0]


def _waiver(row: WaiverRow, policy: Policy, file: str, line: int | None) -> Waiver:
    rule = policy.rule(row.rule.rpartition(":")[2])
    return Waiver(
        pack=policy.pack.id,
        rule=rule.id,
        owner=row.owner,
        # A group of a pack may be called as a country is: us.
        place=row.place if row.place in policy.pack.groups else _place(row.place),
        item=row.item,
        at_most=_at_most(row, rule),
        said="" if row.at_most is None else str(row.at_most).strip(),
        reason=row.reason,
        author=row.author,
        approver=row.approver,
        granted=row.granted,
        expires=row.expires,
        file=file,
        line=line,
    )


def _at_most(row: WaiverRow, rule: AnyRule) -> Fraction | None:
    found = row.amount
    if found is None:
        if isinstance(rule, RuleOnTotals):
            what = "a share" if _is_share(rule) else f"an amount in {rule.unit()}"
            raise _Unfit(f"at_most is missing: {what}", "add it", "rule", row.rule)
        return None
    amount, is_percent = found
    said = str(row.at_most)
    if not isinstance(rule, RuleOnTotals | NoticeRule):
        raise _Unfit(
            f"a rule of kind {rule.kind} measures nothing", "leave it out", "at_most", said
        )
    if is_percent and not _is_share(rule):
        raise _Unfit(
            "is a share, and the rule has an amount", f"write {rule.unit()}", "at_most", said
        )
    if isinstance(rule, ShareRule) and amount > 1:
        raise _Unfit(
            "is more than 100 %", f"write {plain(amount)} % if that is meant", "at_most", said
        )
    return amount


def _is_share(rule: AnyRule) -> bool:
    return isinstance(rule, ShareRule | RatioRule)


def _place(text: str) -> str:
    """Return the code of a country, and any other place as it is written."""
    try:
        return country(text)
    except UnknownName:
        return text
