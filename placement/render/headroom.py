"""What still fits, as a table or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

from placement.compliance.headroom import End, Headroom, Headrooms
from placement.render.formats.escape import terminal
from placement.render.formats.table import table
from placement.render.pack_heading import changed
from placement.render.read_heading import read_text


def text(found: Headrooms) -> str:
    """Return one line per owner and place: least and most, each with the rule that sets it."""
    header = ("owner", "place", "accelerator", "least", "most", "set by")
    rows = [
        (
            terminal(one.subject),
            one.place,
            terminal(one.model),
            "none" if one.hopeless else f"{one.least.amount:,}" if one.least else "0",
            "unlimited" if one.most is None else f"{one.most.amount:,}",
            _reason(one, several=len(found.packs) > 1),
        )
        for one in found
    ]
    unsolved = dict.fromkeys(rule for one in found for rule in one.unsolved)
    notes = [f"CHANGED {changed(pack)}\n" for pack in found.packs if pack.changed]
    notes += [
        f"assumed: added to group {terminal(name)} by [policy.groups]: {', '.join(codes)}\n"
        for pack in found.packs
        for name, codes in pack.added_groups.items()
    ]
    if unsolved:
        named = ", ".join(map(terminal, unsolved))
        notes.append(f"not in this answer, since not by country: {named}\n")
    doubted = sorted({terminal(name) for one in found for name in one.in_doubt})
    if doubted:
        verb = "counts" if len(doubted) == 1 else "count"
        notes.append(f"the answer holds whether or not {', '.join(doubted)} {verb}\n")
    shared = {one.subject: one.adds_to for one in found if one.adds_to != (one.subject,)}
    adds = [
        f"what {terminal(name)} adds counts for {', '.join(map(terminal, groups))}\n"
        for name, groups in shared.items()
    ]
    read = [f"read {terminal(read_text(found.read))}\n"] if found.read is not None else []
    said = [f"assumed {terminal(assumption)}\n" for assumption in found.assumptions]
    said += [f"note {terminal(one)}\n" for one in found.notes]
    return table(header, rows, right=(3, 4)) + "\n" + "".join(adds + notes + said + read)


def to_json(found: Headrooms) -> str:
    """Return the intervals as JSON (`placement.headroom/1`)."""
    intervals = [{**asdict(one), "day": str(one.day), "complies": one.complies} for one in found]
    packs = [pack.model_dump(mode="json") for pack in found.packs]
    read = found.read.model_dump(mode="json") if found.read is not None else None
    record = {
        "schema": "placement.headroom/1",
        "pack": packs[0],
        "packs": packs,
        "read": read,
        "assumptions": list(found.assumptions),
        "notes": list(found.notes),
        "intervals": intervals,
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def _reason(one: Headroom, *, several: bool) -> str:
    named = [_named(end, one, several=several) for end in (one.least, one.most) if end is not None]
    if one.complies:
        ends = dict.fromkeys(named)
        return ", ".join(ends) or ("no rule limits it" if one.bound else "no rule binds this owner")
    broken = [f"{rule} in {place}" for rule, place in one.hopeless] or named
    return "no amount here complies: " + " against ".join(map(terminal, broken))


def _named(end: End, one: Headroom, *, several: bool) -> str:
    pack = f"{terminal(end.pack)}:" if several else ""
    whose = f" ({terminal(end.subject)})" if one.adds_to != (one.subject,) else ""
    return f"{pack}{terminal(end.rule)} in {terminal(end.place)}{whose}"
