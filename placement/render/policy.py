"""Packs for a terminal: the list, a whole pack, one rule. Every text of a pack is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from placement.policy import Policy, is_changed
from placement.policy import describe as words
from placement.policy.country_groups import Group, Member
from placement.policy.examples import Example
from placement.policy.pack import Pack, Unjudged
from placement.policy.rules import AnyRule, CapRule
from placement.policy.validation.cross_references import options_of
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.formats.wrapped import hanging, joined, paragraph
from placement.render.pack_heading import changed
from placement.text.decimals import grouped

if TYPE_CHECKING:
    from placement.policy.validation.lint import Remark
    from placement.policy_testing.run_examples import Failure, RuleResult

MOST_COUNTRIES = 60
"""Groups with more countries are shown by what they leave out."""

_LABEL = 12


def listed(packs: Iterable[tuple[Policy, str]]) -> str:
    """Return a table of packs, each with where it comes from."""
    header = ("id", "version", "rules", "from", "status", "title")
    rows = []
    for policy, source in packs:
        pack = policy.pack
        status = words.law(pack.status.codified, pack.status.enforced, pack.status.as_of)
        said = status or f"not said, {pack.status.as_of}"
        cells = (pack.id, pack.version, str(len(pack.rules)), source, said, pack.title)
        rows.append([terminal(cell) for cell in cells])
    return table(header, rows, right=(2,)) + "\n"


def pack(policy: Policy, day: date) -> str:
    """Return a whole pack; `day` is that of the countries in its groups."""
    one = policy.pack
    blocks = [
        [*_changed(policy), f"{one.id} {one.version}: {one.title}", *_head(policy)],
        [f"GROUPS on {day}", *_groups(policy, day)],
        ["SCHEDULES", *_schedules(policy)],
    ]
    if one.options:
        blocks.append(["OPTIONS (* chosen)", *_options(policy, one.options)])
    if one.ledger is not None:
        home = f"nothing is exported to {one.ledger.home}"
        blocks.append([f"LEDGER (the first open channel is charged; {home})", *_channels(policy)])
    if one.shipment_exceptions:
        blocks.append(["EXCEPTIONS (for shipments that record one)", *_exceptions(one)])
    blocks.append(["RULES", *_rules(one.rules)])
    if one.unjudged:
        blocks.append(["NOT JUDGED (no input shows it)", *_unjudged(one.unjudged)])
    return joined(blocks)


def _changed(policy: Policy) -> list[str]:
    return [f"CHANGED: {changed(policy)}"] if is_changed(policy) else []


def unjudged(one: Unjudged) -> str:
    """Return one duty that is not judged."""
    return joined([["NOT JUDGED (no input shows it)", *_unjudged([one])]])


def rule(policy: Policy, one: AnyRule) -> str:
    """Return one rule: in words, as a formula, with its source, its options and its examples."""
    top = [*_changed(policy), f"{one.id} ({one.kind}): {one.title}"]
    top += paragraph(" ".join(words.sentences(one, policy.pack)), 2)
    blocks = [top]
    if isinstance(one, CapRule) and one.steps:
        rows = [(str(s.since), str(s.to), grouped(s.limit)) for s in one.steps]
        steps = table(("from", "to", f"limit in {one.unit()}"), rows, right=(2,))
        blocks.append([f"  {line}" for line in steps.splitlines()])
    law = words.law(one.codified, one.enforced, one.as_of)
    facts = [
        ("formula", one.formula()),
        ("source", one.citation),
        ("status", law or "not said"),
        ("fix", one.fix),
        ("note", one.note),
    ]
    blocks.append([line for label, text in facts if text for line in _labelled(label, text)])
    bearing = options_of(one, policy.pack)
    if bearing:
        blocks.append(["OPTIONS that bear on it (* chosen)", *_options(policy, bearing)])
    if one.examples:
        blocks.append(["EXAMPLES", *(line for e in one.examples for line in _example(e))])
    return joined(blocks)


def remarks(found: Iterable[Remark], count: int) -> str:
    """Return what is doubtful in packs, one line each, and how many packs were looked at."""
    lines = [f"{'note' if one.is_note else 'warning'}: {one.problem}" for one in found]
    packs = "1 pack" if count == 1 else f"{count} packs"
    doubtful = sum(not line.startswith("note") for line in lines)
    lines.append(f"{packs}: {doubtful or 'nothing'} doubtful")
    return joined([lines])


def results(packs: Iterable[tuple[str, Sequence[RuleResult]]]) -> str:
    """Return one line for each rule whose examples were run, those of failures below it."""
    lines, rules, examples, failed = [], 0, 0, 0
    for name, found in packs:
        width = _widest(one.rule for one in found)
        lines.append(name)
        for one in found:
            rules, examples = rules + 1, examples + one.count
            failed += not one.is_ok
            count = "1 example" if one.count == 1 else f"{one.count} examples"
            lacks = f", none that is {', '.join(one.missing)}" if one.missing else ""
            state = "ok    " if one.is_ok else "FAILED"
            lines.append(f"  {state}  {one.rule:<{width}}  {count}{lacks}")
            lines.extend(f"          {_failed(failure)}" for failure in one.failures)
    verdict = f"FAILED: {failed} of {rules} rules" if failed else f"OK: {rules} rules"
    return joined([lines, [f"{verdict}, {examples} examples"]])


def _failed(failure: Failure) -> str:
    one = failure.example
    title = f" '{one.title}'" if one.title else ""
    return f"{one.case}{title}: expected {one.expected}, got {failure.got}"


def _head(policy: Policy) -> Iterator[str]:
    one = policy.pack
    status = one.status
    law = words.law(status.codified, status.enforced, status.as_of) or f"as of {status.as_of}"
    yield from _labelled("source", one.citation)
    yield from _labelled("status", f"{status.text} ({law})")
    for text in status.authorizations.values():
        yield from _labelled("", text)
    if one.in_force:
        yield from _labelled("in force", "a check that did not choose it says what it finds")
    test = "; or ".join(words.counted(one.counted))
    yield from _labelled("counted", f"{one.counted.title}: {test}")
    yield from _labelled("", one.counted.citation)


def _groups(policy: Policy, day: date) -> Iterator[str]:
    countries = policy.groups_on(day)
    width = _widest(policy.pack.groups)
    for name, group in policy.pack.groups.items():
        yield from _labelled(name, group.title, width)
        yield from _labelled("", _members(group, sorted(countries[name])), width)
        for text in _more_on(group):
            yield from _labelled("", text, width)


def _members(group: Group, countries: Sequence[str]) -> str:
    count = f"{len(countries)} {'country' if len(countries) == 1 else 'countries'}"
    if not countries:
        return "no country"
    if group.all_except:
        count += f", all but those of {', '.join(group.all_except)}"
        if len(countries) > MOST_COUNTRIES:
            return count
    return f"{count}: {' '.join(countries)}"


def _more_on(group: Group) -> Iterator[str]:
    for member in group.members:
        if isinstance(member, Member):
            since = f" from {member.since} on" if member.since is not None else ""
            until = f" until the day before {member.until}" if member.until is not None else ""
            yield f"{member.place}{since}{until}" + (f": {member.note}" if member.note else "")
    for addition in group.when:
        what = (
            f"also {' '.join(addition.members)}"
            if addition.members
            else f"also without {', '.join(addition.all_except)}"
        )
        yield f"where {addition.option} = {addition.value}: {what}"
    if group.note:
        yield f"note: {group.note}"


def _schedules(policy: Policy) -> Iterator[str]:
    width = _widest(policy.pack.schedules)
    for name, one in policy.pack.schedules.items():
        yield from _labelled(name, f"{one.title}: {words.schedule(one)}", width)


def _options(policy: Policy, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        option = policy.pack.options[name]
        chosen = policy.options[name]
        default = "" if chosen == option.default else f" (default {option.default})"
        yield from paragraph(f"{name} = {chosen}{default}: {option.question}", 2, 4)
        width = _widest(option.values)
        for value, meaning in option.values.items():
            mark = "*" if value == chosen else " "
            yield from hanging(f"    {mark} {value:<{width}}", meaning)
        if option.citation:
            yield from hanging("      source", option.citation)


def _channels(policy: Policy) -> Iterator[str]:
    ledger = policy.pack.ledger
    for number, one in enumerate(ledger.channels if ledger is not None else (), start=1):
        yield from _labelled(f"{number} {one.id.value}", words.channel(one))
        yield from _labelled("", one.citation)


def _exceptions(pack: Pack) -> Iterator[str]:
    for exception in pack.shipment_exceptions:
        yield from _labelled(
            exception.id.value, f"{exception.title}: {words.models(exception.counted)}"
        )
        yield from _labelled("", exception.citation)


def _rules(rules: Sequence[AnyRule]) -> Iterator[str]:
    width, kinds = _widest(one.id for one in rules), _widest(one.kind for one in rules)
    for one in rules:
        yield from hanging(f"  {one.id:<{width}}  {one.kind:<{kinds}}", one.title)


def _unjudged(listed: Sequence[Unjudged]) -> Iterator[str]:
    width = _widest(one.id for one in listed)
    for one in listed:
        law = words.law(one.codified, one.enforced, one.as_of) or "status not said"
        for label, text in (
            (one.id, one.title),
            ("", f"why not: {one.why}"),
            ("", f"{one.citation} ({law})"),
        ):
            yield from _labelled(label, text, width)


def _example(one: Example) -> Iterator[str]:
    chosen = [f"{name} = {value}" for name, value in one.options.items()]
    added = [f"{' '.join(codes)} in {name}" for name, codes in one.groups.items()]
    title = f"{one.title}: " if one.title else ""
    where = f" in {one.place}" if one.place is not None else ""
    parts = [
        f"{label}: {'; '.join(texts)}"
        for label, texts in (
            ("companies", one.companies),
            ("sites", one.sites),
            ("lots", one.lots),
            ("shipments", one.shipments),
            ("weights", one.weights),
            ("options", chosen),
            ("groups", added),
        )
        if texts
    ]
    text = f"{title}{', '.join(parts)} -> {one.expected}{where} on {one.on}"
    yield from _labelled(one.case, text)


def _widest(names: Iterable[str]) -> int:
    return max((len(name) for name in names), default=0)


def _labelled(label: str, text: str, width: int = _LABEL - 2) -> Iterator[str]:
    yield from hanging(f"  {label:<{width}}", text)
