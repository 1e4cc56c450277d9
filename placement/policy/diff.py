"""What two packs say differently, in words. Rules, groups, options are matched by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from placement.policy import describe as words
from placement.policy.counted import CountedTest
from placement.policy.country_groups import Group
from placement.policy.pack import Option, Pack
from placement.policy.policy import Policy
from placement.policy.rules import AnyRule, Binding
from placement.policy.rules.base import Condition, OptionChoice
from placement.policy.rules.cap import Step
from placement.text.decimals import grouped

Part = Literal[
    "pack", "options", "groups", "schedules", "channels", "exceptions", "rules", "not judged"
]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: in which part, of what (by id), and what was and is now.

    `old` None: it was added; `new` None: it was removed; both None: `field` says what there is to
    say. Without a `field` it is the whole of it.
    """

    part: Part
    name: str
    field: str
    old: str | None
    new: str | None


def diff(old: Policy, new: Policy, day: date) -> list[Change]:
    """Return every difference in what two packs say; `day` is that of the countries in groups."""
    return [
        *_pack(old.pack, new.pack),
        *_named("options", _options(old.pack), _options(new.pack)),
        *_groups(old, new, day),
        *_named("schedules", _schedules(old.pack), _schedules(new.pack)),
        *_named("channels", _channels(old.pack), _channels(new.pack)),
        *_named("exceptions", _shipment_exceptions(old.pack), _shipment_exceptions(new.pack)),
        *_named("rules", _rules(old.pack), _rules(new.pack)),
        *_named("not judged", _unjudged(old.pack), _unjudged(new.pack)),
    ]


#: What there is by id: its name in words, and its fields as text.
_Things = Mapping[str, tuple[str, Mapping[str, str]]]


def _named(part: Part, old: _Things, new: _Things) -> Iterator[Change]:
    """Compare things by id: those that left, those that changed, those that came."""
    for name, (title, fields) in old.items():
        if name not in new:
            yield Change(part, name, "", title, None)
            continue
        yield from _fields(part, name, fields, new[name][1])
    for name, (title, _) in new.items():
        if name not in old:
            yield Change(part, name, "", None, title)


def _fields(
    part: Part, name: str, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[Change]:
    for field in dict.fromkeys([*old, *new]):
        before, after = old.get(field), new.get(field)
        if before != after:
            yield Change(part, name, field, before, after)


def _pack(old: Pack, new: Pack) -> Iterator[Change]:
    for name in ("id", "version", "title", "citation"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change("pack", name, "", before, after)
    for name, before, after in (
        ("status", _status(old), _status(new)),
        ("counted", _counted(old), _counted(new)),
        ("partition", ", ".join(old.partition), ", ".join(new.partition)),
        ("home", _home(old), _home(new)),
    ):
        if before != after:
            yield Change("pack", name, "", before or None, after or None)


def _status(pack: Pack) -> str:
    one = pack.status
    law = words.law(one.codified, one.enforced, one.as_of) or f"as of {one.as_of}"
    held = "".join(f"; {text}" for text in one.authorizations.values())
    return f"{one.text} ({law}){held}" + ("; in force" if pack.in_force else "")


def _counted(pack: Pack) -> str:
    return f"{pack.counted.title}: {'; or '.join(words.counted(pack.counted))}"


def _home(pack: Pack) -> str:
    return "" if pack.ledger is None else pack.ledger.home


def _options(pack: Pack) -> _Things:
    return {name: (one.question, _answers(one)) for name, one in pack.options.items()}


def _answers(option: Option) -> Mapping[str, str]:
    fields = {"question": option.question, "default": option.default}
    fields |= {f"value {value}": meaning for value, meaning in option.values.items()}
    return fields | ({"source": option.citation} if option.citation else {})


def _groups(old: Policy, new: Policy, day: date) -> Iterator[Change]:
    """Compare groups by the countries in them on the day."""
    before, after = old.groups_on(day), new.groups_on(day)
    for name, group in old.pack.groups.items():
        if name not in new.pack.groups:
            yield Change("groups", name, "", f"{group.title}: {_countries(before[name])}", None)
            continue
        yield from _group(name, group, new.pack.groups[name], before[name], after[name], day)
    for name, group in new.pack.groups.items():
        if name not in old.pack.groups:
            yield Change("groups", name, "", None, f"{group.title}: {_countries(after[name])}")


def _group(
    name: str, old: Group, new: Group, before: frozenset[str], after: frozenset[str], day: date
) -> Iterator[Change]:
    if before - after:
        yield Change("groups", name, "countries", _countries(before - after), None)
    if after - before:
        yield Change("groups", name, "countries", None, _countries(after - before))
    if old.title != new.title:
        yield Change("groups", name, "title", old.title, new.title)
    elsewhere = {"title", "note"}
    if before == after and old.model_dump(exclude=elsewhere) != new.model_dump(exclude=elsewhere):
        said = f"the text differs, the countries on {day} do not"
        yield Change("groups", name, said, None, None)


def _countries(places: Iterable[str]) -> str:
    listed = sorted(places)
    if not listed:
        return "no country"
    count = f"{len(listed)} {'country' if len(listed) == 1 else 'countries'}"
    return f"{count}: {' '.join(listed)}" if len(listed) <= MOST_COUNTRIES else count


MOST_COUNTRIES = 60
"""More countries than this are counted, not listed."""


def _schedules(pack: Pack) -> _Things:
    return {
        name: (one.title, {"title": one.title, "days": words.schedule(one)})
        for name, one in pack.schedules.items()
    }


def _channels(pack: Pack) -> _Things:
    listed = pack.ledger.channels if pack.ledger is not None else ()
    return {
        one.id.value: (
            one.title,
            {"place in the order": str(n), "open": words.channel(one), "source": one.citation},
        )
        for n, one in enumerate(listed, start=1)
    }


def _shipment_exceptions(pack: Pack) -> _Things:
    return {
        exception.id.value: (
            exception.title,
            {"open": words.models(exception.counted), "source": exception.citation},
        )
        for exception in pack.shipment_exceptions
    }


def _rules(pack: Pack) -> _Things:
    return {rule.id: (f"{rule.kind}, {_titled(rule)}", _rule(rule)) for rule in pack.rules}


def _unjudged(pack: Pack) -> _Things:
    return {
        one.id: (
            one.title,
            {
                "title": one.title,
                "why": one.why,
                "source": one.citation,
                "status": words.law(one.codified, one.enforced, one.as_of),
            },
        )
        for one in pack.unjudged
    }


def _titled(rule: AnyRule) -> str:
    limit = words.limit(rule)
    return f"{rule.title} [{limit}]" if limit else rule.title


def _rule(rule: AnyRule) -> Mapping[str, str]:
    """Return the fields of a rule as text; those at defaults and its examples are left out."""
    found = {}
    for name, field in type(rule).model_fields.items():
        value = getattr(rule, name)
        default = field.get_default(call_default_factory=True)
        if name not in ("id", "examples") and (field.is_required() or value != default):
            found[field.alias or name] = _value(rule, name, value)
    return found


def _value(rule: AnyRule, name: str, value: Any) -> str:
    if name == "limit":
        return words.limit(rule)
    match value:
        case Binding():
            return words.binding(value)
        case OptionChoice():
            return f"by option {value.option}"
        case Condition():
            return f"{value.option} = {' or '.join(value.values)}"
        case bool():
            return "yes" if value else "no"
        case CountedTest():
            return f"{value.title}: {'; or '.join(words.counted(value))}"
        case [Step(), *_]:
            return "; ".join(f"{s.since} to {s.to}: {grouped(s.limit)}" for s in value)
        case list():
            return ", ".join(str(one) for one in value)
        case _:
            return grouped(str(value))
