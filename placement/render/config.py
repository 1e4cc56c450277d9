"""The settings of a run and where they come from, as TOML with comments and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from placement.render.formats.escape import terminal

if TYPE_CHECKING:
    from placement.loading.origins import Origins, Setting


def text(found: Origins) -> str:
    """Return one setting a line, with its origin as a comment; what is not set is one, too."""
    head = "# no configuration" if found.file is None else f"# {terminal(found.file)}"
    said = [
        f"{one.key} = {one.value}" if one.value is not None else f"# {one.key} is not set"
        for one in found.settings
    ]
    widest = max(map(len, said), default=0)
    width = min(widest, 48)
    lines = [
        f"{terminal(shown):<{width}}  # {terminal(_origin(one))}"
        for shown, one in zip(said, found.settings, strict=True)
    ]
    return "\n".join([head, *lines]) + "\n"


def to_json(found: Origins) -> str:
    """Return the settings as JSON: the schema `placement.config/1`."""
    settings = [
        {
            "key": one.key,
            "value": one.value,
            "origin": one.origin.value,
            "by": one.by or None,
            "line": one.line,
        }
        for one in found.settings
    ]
    content = {"schema": "placement.config/1", "file": found.file, "settings": settings}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _origin(one: Setting) -> str:
    if one.origin.value in ("flag", "environment"):
        return f"from {one.by}"
    if one.origin.value == "file":
        return one.by if one.line is None else f"{one.by}:{one.line}"
    return f"lies beside {one.by}" if one.origin.value == "beside" else "default"
