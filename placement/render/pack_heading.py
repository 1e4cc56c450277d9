"""How a pack is named at the head of an output; a changed one never passes for the law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.render.formats.escape import terminal

if TYPE_CHECKING:
    from placement.policy import Policy
    from placement.report import PackInfo


def heading(pack: PackInfo) -> list[str]:
    """Return the lines that name a pack and its status; a changed pack says so first."""
    name = f"{terminal(pack.id)} {terminal(pack.version)}"
    status = f"{terminal(pack.status)} (as of {pack.status_as_of})"
    if not pack.changed:
        return [f"{name}: {terminal(pack.title)}", f"  status   {status}"]
    return [
        f"CHANGED {name}: {terminal(pack.title)}",
        f"  changed  {changed(pack)}",
        f"  status   by that file, not by the shipped pack: {status}",
    ]


def changed(pack: PackInfo | Policy) -> str:
    """Return the sentence that a changed pack is one, with its path and digest."""
    return (
        f"{terminal(pack.origin)} ({terminal(pack.digest)}) differs from the shipped pack of that "
        "id: what it says is not the text that ships; give it an id of its own"
    )
