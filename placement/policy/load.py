"""Loading packs: by the id of one that ships, or by path; every fault is listed at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from placement.catalog import all_codes
from placement.errors import PolicyError, Problem, UsageError, did_you_mean, nearest
from placement.policy.groups import EVERYWHERE
from placement.policy.kinds import AnyRule
from placement.policy.kinds.base import OptionChoice
from placement.policy.pack import Pack
from placement.policy.policy import Policy

DEFAULT_PACK = "ai-diffusion-2025"

Location = tuple[int | str, ...]


def shipped_packs() -> list[str]:
    """Give the ids of the packs that come with the tool."""
    folder = resources.files("placement") / "policies"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))


def load_policy(name: str = DEFAULT_PACK, options: Mapping[str, str] | None = None) -> Policy:
    """Load a pack by id or path (anything with a slash or `.toml`), with options chosen.

    Raises PolicyError with every fault of the file, UsageError for an unknown id or option.
    """
    if "/" in name or "\\" in name or name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise UsageError(Problem("no such policy file", "give a path or an id", value=name))
        data, origin = path.read_bytes(), name
    else:
        known = shipped_packs()
        if name not in known:
            hint = did_you_mean(name, known) or f"packs that ship: {', '.join(known)}"
            raise UsageError(
                Problem("no such policy", f"{hint}; or give a path to a .toml file", value=name)
            )
        file = resources.files("placement") / "policies" / f"{name}.toml"
        data, origin = file.read_bytes(), name
    return parse_policy(data, origin, options)


def parse_policy(data: bytes, origin: str, options: Mapping[str, str] | None = None) -> Policy:
    """Read a pack from the bytes of its file; `origin` names it in errors."""
    try:
        text = data.decode("utf-8-sig")
        tree = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise PolicyError(Problem("is not UTF-8", "save it as UTF-8", file=origin)) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else None
        raise PolicyError(Problem(f"is not TOML: {error}", file=origin, line=line)) from error
    try:
        pack = Pack.model_validate(tree)
    except ValidationError as error:
        faults = [_problem(dict(fault), text, origin) for fault in error.errors()]
        raise PolicyError(faults) from error
    faults = [
        Problem(message, fix, file=origin, line=_line(text, where), column=_column(where))
        for where, message, fix in _dangling(pack)
    ]
    if faults:
        raise PolicyError(faults)
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    return Policy(pack, digest, origin, _choose(pack, options or {}))


def _choose(pack: Pack, chosen: Mapping[str, str]) -> dict[str, str]:
    problems = []
    for name, value in chosen.items():
        if name not in pack.options:
            hint = did_you_mean(name, pack.options) or f"options: {', '.join(pack.options)}"
            problems.append(Problem(f"pack {pack.id} has no such option", hint, column=name))
        elif value not in pack.options[name].values:
            allowed = ", ".join(pack.options[name].values)
            problems.append(
                Problem("not a value of this option", f"one of: {allowed}", None, None, name, value)
            )
    if problems:
        raise UsageError(problems)
    return {name: chosen.get(name, option.default) for name, option in pack.options.items()}


def _dangling(pack: Pack) -> Iterator[tuple[Location, str, str]]:
    """Give (where, message, fix) for each reference to something that the pack lacks."""
    groups = {EVERYWHERE, *pack.groups}
    codes = all_codes()
    for name, group in pack.groups.items():
        if name == EVERYWHERE:
            yield ("groups", name), f"group {name!r} is built in", "choose another name"
        for other in group.all_except:
            if other not in groups:
                yield ("groups", name, "all_except"), *_unknown("group", other, groups)
        if _circular(pack, name):
            yield ("groups", name, "all_except"), f"group {name!r} excludes itself", "break the loop"
        for code in group.named():
            if code not in codes:
                yield (
                    ("groups", name, "members"),
                    f"{code!r} is not an ISO 3166-1 alpha-2 code",
                    did_you_mean(code, codes),
                )
        for addition in group.when:
            yield from _unknown_option(pack, ("groups", name, "when"), addition.option, addition.value)
    seen: set[str] = set()
    for index, rule in enumerate(pack.rules):
        here: Location = ("rules", index)
        if rule.id in seen:
            yield (*here, "id"), f"two rules are called {rule.id!r}", "give each its own id"
        seen.add(rule.id)
        named = [*rule.groups_named()]
        if rule.binds.headquarters is not None:
            named.append(("binds", rule.binds.headquarters))
        for field, group_id in named:
            if group_id not in groups:
                yield (*here, field), *_unknown("group", group_id, groups)
        if rule.binds.authorization not in (None, "uveu", "nveu", "none"):
            unknown = str(rule.binds.authorization)
            yield (*here, "binds"), *_unknown("authorization", unknown, ("uveu", "nveu", "none"))
        if rule.schedule not in pack.schedules:
            yield (*here, "schedule"), *_unknown("schedule", rule.schedule, pack.schedules)
        if isinstance(rule.between_dates, OptionChoice):
            yield from _unknown_option(pack, (*here, "between_dates"), rule.between_dates.option)


def _unknown(what: str, name: str, known: Sequence[str] | Any) -> tuple[str, str]:
    hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known))}"
    return f"there is no {what} {name!r}", hint


def _unknown_option(
    pack: Pack, where: Location, name: str, value: str | None = None
) -> Iterator[tuple[Location, str, str]]:
    if name not in pack.options:
        yield where, *_unknown("option", name, list(pack.options))
    elif value is not None and value not in pack.options[name].values:
        yield where, *_unknown(f"value of option {name!r}", value, list(pack.options[name].values))


def _circular(pack: Pack, start: str) -> bool:
    todo, seen = [*pack.groups[start].all_except], set()
    while todo:
        name = todo.pop()
        if name == start:
            return True
        if name in pack.groups and name not in seen:
            seen.add(name)
            todo.extend(pack.groups[name].all_except)
    return False


def _problem(fault: Mapping[str, Any], text: str, origin: str) -> Problem:
    """Turn one pydantic error into a Problem with a line of the TOML file."""
    where: Location = tuple(part for part in fault["loc"] if part not in _RULE_TAGS)
    value = fault.get("input")
    shown = str(value) if isinstance(value, str | int | float | bool) else None
    message, fix = str(fault["msg"]), ""
    match fault["type"]:
        case "extra_forbidden":
            message = f"unknown key {str(where[-1])!r}"
            known = _keys_at(where[:-1])
            close = nearest(str(where[-1]), known)
            fix = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
            shown = None
        case "missing":
            message, shown = f"key {str(where[-1])!r} is missing", None
        case "value_error":
            message = str(fault["ctx"]["error"])
        case "string_type":
            message, fix = "must be text", "put the value in quotes, so that it stays exact"
        case "string_pattern_mismatch":
            message = f"does not have the form {fault['ctx']['pattern']}"
    return Problem(message, fix, origin, _line(text, where), _column(where), shown)


_RULE_CLASSES: tuple[type[BaseModel], ...] = get_args(get_args(AnyRule)[0])
_RULE_TAGS = {get_args(cls.model_fields["kind"].annotation)[0] for cls in _RULE_CLASSES}


def _keys_at(where: Location) -> list[str]:
    """Give the keys that may stand in the table at a place of the file."""
    models: list[type[BaseModel]] = [Pack]
    for part in where:
        if isinstance(part, int):
            continue
        annotations = [f.annotation for m in models for n, f in m.model_fields.items() if n == part]
        if annotations:
            models = [m for annotation in annotations for m in _models_in(annotation)]
    return sorted({f.alias or name for m in models for name, f in m.model_fields.items()})


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _column(where: Location) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in where)


def _line(text: str, where: Location) -> int | None:
    """Find the line of a key: the nth header of its table, then the key after it."""
    lines = text.splitlines()
    if not where:
        return None
    start = 0
    match where:
        case ("rules", int(index), *_):
            headers = [n for n, line in enumerate(lines) if line.strip() == "[[rules]]"]
            start = headers[index] if index < len(headers) else 0
        case (str(table), str(name), *_):
            headers = [n for n, line in enumerate(lines) if line.strip() == f"[{table}.{name}]"]
            start = headers[0] if headers else 0
    key = re.compile(rf"\s*{re.escape(str(where[-1]))}\s*=")
    for number in range(start, len(lines)):
        if number > start and lines[number].startswith("["):
            break
        if key.match(lines[number]):
            return number + 1
    return start + 1
