"""The places of a pack, one line each, as a table or as JSON (`placement.places/1`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from placement.compliance.places import Bound, PlaceLine, Places, Way
from placement.render.formats.escape import terminal
from placement.render.formats.table import table


def text(found: Places) -> str:
    """Return one line for each place, and what depends on a company that is not known."""
    header = ("place", "tier", "channel", "licence", "limits", "enforced")
    rows = [
        (
            line.place,
            terminal(line.tier or "no partition"),
            _channels(line),
            _licence(line),
            _bounds(line.limits) or "none",
            terminal(line.enforced),
        )
        for line in found.lines
    ]
    also = [terminal(sentence) for sentence in found.in_force]
    if found.early:
        also.insert(0, _early(found))
    return "\n".join([*_head(found), "", table(header, rows), *also]) + "\n"


def to_json(found: Places) -> str:
    """Return the same as JSON."""
    company = found.company
    record = {
        "schema": "placement.places/1",
        "pack": {"id": found.pack, "version": found.version},
        "day": str(found.day),
        "accelerator": found.model,
        "company": None
        if company is None
        else {
            "headquarters": company.headquarters,
            "authorization": sorted(company.authorizations),
        },
        "early": list(found.early),
        "in_force": list(found.in_force),
        "places": [{**asdict(line), "enforced": line.enforced} for line in found.lines],
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def _early(found: Places) -> str:
    """Return that the pack is not yet what it says, so that nobody takes channels for open ones."""
    first = ", ".join(found.early[:3])
    more = f" and {len(found.early) - 3} more" if len(found.early) > 3 else ""
    return (
        f"NOT YET A RULE on {found.day}: {terminal(first)}{more}; channels are shown as the pack "
        "has them later"
    )


def _head(found: Places) -> list[str]:
    chip = f"{terminal(found.pack)} {terminal(found.version)} on {found.day}: one {found.model}"
    if found.company is None:
        return [
            f"{chip} of any company",
            "no --headquarters is given: what rests on the company stands in brackets",
        ]
    held = ", ".join(sorted(found.company.authorizations)) or "none"
    return [f"{chip} of a company seated in {found.company.headquarters}, authorization {held}"]


def _channels(one: PlaceLine) -> str:
    if one.channels is None:
        return "the pack has no ledger"
    if one.is_home:
        return "nothing is exported there"
    return ", then ".join(map(_way, one.channels)) or "none is open"


def _way(one: Way) -> str:
    room = f" (room: {terminal(one.room)})" if one.room else ""
    return f"{terminal(one.channel)}{_given(one.given)}{room}"


def _licence(one: PlaceLine) -> str:
    said = [_bound(rule) for rule in (*one.barred, *one.licence)]
    if said:
        return "; ".join(said)
    return "not needed" if one.asks_licences else "the pack asks for none"


def _bounds(rules: Iterable[Bound]) -> str:
    return "; ".join(f"{terminal(rule.rule)} {rule.what}{_given(rule.given)}" for rule in rules)


def _bound(one: Bound) -> str:
    return f"{terminal(one.what)} ({terminal(one.rule)}){_given(one.given)}"


def _given(text: str) -> str:
    return f" [{terminal(text)}]" if text else ""
