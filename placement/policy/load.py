"""Loading packs: by the id of one that ships, or by path; every fault is listed at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from placement.errors import PolicyError, Problem, UsageError, did_you_mean
from placement.policy.faults import problem_at, problems_of
from placement.policy.pack import Pack
from placement.policy.policy import Policy
from placement.policy.references import dangling
from placement.policy.soundness import unsound

DEFAULT_PACK = "ai-diffusion-2025"


def shipped_packs() -> list[str]:
    """Give the ids of the packs that come with the tool."""
    folder = resources.files("placement") / "policies"
    names = (file.name for file in folder.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


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
    except (ValueError, RecursionError) as error:
        raise PolicyError(Problem(f"cannot be read: {error}", file=origin)) from error
    try:
        pack = Pack.model_validate(tree)
    except ValidationError as error:
        raise PolicyError(problems_of(error, text, origin)) from error
    found = list(dangling(pack)) or list(unsound(pack))
    faults = [problem_at(where, message, fix, text, origin) for where, message, fix in found]
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
