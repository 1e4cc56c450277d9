"""Loading packs: one that ships, one that another package brings, or a file; all faults at once.

A package brings a pack by an entry point of the group `placement.policies`: its name is the pack's
id, its value a package that holds `<id>.toml`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from placement.errors import Fault, PolicyError, UsageError, did_you_mean
from placement.policy.pack import Pack
from placement.policy.policy import Policy
from placement.policy.validation.references import dangling
from placement.policy.validation.soundness import unsound
from placement.text.bounded import BadToml, parse_toml, read_file

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

DEFAULT_PACK = "ai-diffusion-2025"
GROUP = "placement.policies"
SHIPS = "ships"

#: The line is one of the pack itself: no table begins before it.
_IN_FORCE = re.compile(rb"(?:(?!\[).*\r?\n)*?in_force[ \t]*=[ \t]*true\b")


@dataclass(frozen=True, slots=True)
class PackFile:
    """The file of a pack, not yet read.

    `name`: what it was asked for by, an id or a path. `source`: `ships`, the package that brings
    it, or `file`.
    """

    name: str
    source: str
    data: bytes

    @property
    def is_path(self) -> bool:
        """Whether it was asked for by path."""
        return self.source == "file"

    @property
    def text(self) -> str:
        """Its text; only of a file that could be read as a pack."""
        return self.data.decode("utf-8-sig")


def shipped_packs() -> list[str]:
    """Return the ids of the packs that come with the tool."""
    folder = resources.files("placement.policy") / "packs"
    names = (file.name for file in folder.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def packs_in_force() -> list[str]:
    """Return the ids of the packs that ship and say `in_force = true`; the others are not read."""
    return [name for name in shipped_packs() if _IN_FORCE.match(_shipped(name).data)]


def installed_packs() -> tuple[list[PackFile], list[Fault]]:
    """Return the packs that ship and those of other packages, and what is wrong with the latter."""
    found = {name: _shipped(name) for name in shipped_packs()}
    faults = []
    for entry in _entries():
        if entry.name in found:
            faults.append(_twice(entry.name, found[entry.name].source, _package(entry)))
            continue
        try:
            found[entry.name] = _brought(entry)
        except PolicyError as error:
            faults.extend(error.problems)
    return list(found.values()), faults


def is_path(name: str) -> bool:
    """Tell whether a pack is named by its path, not by its id."""
    return "/" in name or "\\" in name or name.endswith(".toml")


def find_pack(name: str) -> PackFile:
    """Find a pack by id or path (anything with a slash or `.toml`); UsageError, PolicyError."""
    if is_path(name):
        path = Path(name)
        if not os.path.exists(path) or os.path.isdir(path):
            raise UsageError(Fault("no such policy file", "give a path or an id", value=name))
        try:
            return PackFile(name, "file", read_file(path))
        except OSError as error:
            raise PolicyError(Fault(f"cannot be read: {error.strerror}", file=name)) from error
    known = shipped_packs()
    if name in known:  # other packages are not asked: that takes longer than a small check
        return _shipped(name)
    entries = _entries()
    named = [entry for entry in entries if entry.name == name]
    if len(named) > 1:
        raise PolicyError(_twice(name, _package(named[0]), _package(named[1])))
    if named:
        return _brought(named[0])
    known = sorted({*known, *(entry.name for entry in entries)})
    hint = did_you_mean(name, known) or f"installed: {', '.join(known)}"
    raise UsageError(Fault("no such policy", f"{hint}; or give a path to a .toml file", value=name))


def load_policy(
    name: str = DEFAULT_PACK,
    options: Mapping[str, str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Policy:
    """Load a pack by id or path (anything with a slash or `.toml`), with options chosen.

    `groups`: countries, by code or name, to add to groups of the pack that list their members.
    Raises PolicyError with every fault of the file, UsageError for an unknown id or option, and for
    additions that cannot be.
    """
    return read_pack(find_pack(name), options, groups)


def is_changed(policy: Policy) -> bool:
    """Tell whether a pack bears the id of one that ships, and is not that one."""
    shipped = shipped_packs()
    if policy.pack.id not in shipped:
        return False
    return policy.digest != _digest(_shipped(policy.pack.id).data)


def read_pack(
    file: PackFile,
    options: Mapping[str, str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Policy:
    """Read the file of a pack; PolicyError where it holds another one than it was asked for."""
    policy = parse_policy(file.data, file.name, options)
    if not file.is_path and policy.pack.id != file.name:
        message = f"{file.source} calls it {file.name!r}, and the file itself {policy.pack.id!r}"
        raise PolicyError(Fault(message, "one pack has one id", file.name, column="id"))
    if groups:
        from placement.policy.additions import added_to

        return replace(policy, added=added_to(policy.pack, groups))
    return policy


def parse_policy(data: bytes, origin: str, options: Mapping[str, str] | None = None) -> Policy:
    """Read a pack from the bytes of its file; `origin` names it in errors."""
    pack = _pack(data, origin)
    return Policy(pack, _digest(data), origin, _choose(pack, options or {}))


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=8)  # the examples of a pack are judged one by one
def _pack(data: bytes, origin: str) -> Pack:
    try:
        text = data.decode("utf-8-sig")
        tree = parse_toml(text)
    except UnicodeDecodeError as error:
        raise PolicyError(Fault("is not UTF-8", "save it as UTF-8", file=origin)) from error
    except BadToml as error:
        fix = error.fix or "see `placement policy schema` for what a pack holds"
        raise PolicyError(Fault(str(error), fix, origin, error.line)) from error
    try:
        pack = Pack.model_validate(tree)
    except ValidationError as error:
        from placement.policy.validation.pydantic_faults import problems_of

        raise PolicyError(problems_of(error, text, origin)) from error
    found = list(dangling(pack)) or list(unsound(pack))
    if found:
        from placement.policy.validation.pydantic_faults import problem_at

        raise PolicyError(
            problem_at(where, message, fix, text, origin) for where, message, fix in found
        )
    return pack


def _choose(pack: Pack, chosen: Mapping[str, str]) -> dict[str, str]:
    problems = []
    for name, value in chosen.items():
        if name not in pack.options:
            hint = did_you_mean(name, pack.options) or f"options: {', '.join(pack.options)}"
            problems.append(Fault(f"pack {pack.id} has no such option", hint, column=name))
        elif value not in pack.options[name].values:
            allowed = ", ".join(pack.options[name].values)
            problems.append(
                Fault("not a value of this option", f"one of: {allowed}", None, None, name, value)
            )
    if problems:
        raise UsageError(problems)
    return {name: chosen.get(name, option.default) for name, option in pack.options.items()}


def _shipped(name: str) -> PackFile:
    file = resources.files("placement.policy") / "packs" / f"{name}.toml"
    return PackFile(name, SHIPS, file.read_bytes())


def _entries() -> list[EntryPoint]:
    """Return the entry points of other packages, in the order of their names."""
    from importlib.metadata import entry_points

    found = {(entry.name, _package(entry)): entry for entry in entry_points(group=GROUP)}
    return [found[key] for key in sorted(found)]


def _package(entry: EntryPoint) -> str:
    """Name the package that an entry point is of."""
    return f"package {entry.dist.name}" if entry.dist is not None else f"package {entry.value}"


def _brought(entry: EntryPoint) -> PackFile:
    """Read the pack of an entry point; PolicyError where there is none."""
    try:
        data = (resources.files(entry.value) / f"{entry.name}.toml").read_bytes()
    except Exception as error:  # another package may fail in any way
        message = f"{_package(entry)} has no {entry.name}.toml in {entry.value}: {error}"
        fix = "mend its entry point, or uninstall it"
        raise PolicyError(Fault(message, fix, column=GROUP, value=entry.name)) from error
    return PackFile(entry.name, _package(entry), data)


def _twice(name: str, one: str, other: str) -> Fault:
    first = "placement itself" if one == SHIPS else one
    message = f"two packs have this id: of {first}, and of {other}"
    return Fault(message, "rename or uninstall one", column=GROUP, value=name)
