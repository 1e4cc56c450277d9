"""What may be asked of the formats besides where they go."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class FormatOptions:
    """What is asked of single formats.

    `suppressed`: SARIF holds waived findings, too, marked as suppressed. `comment_above`: the
    Markdown is one line unless a share moved by at least so many percentage points. `comment_id`
    tells the comments of several runs on one pull request apart. `version`: our own; empty: not
    said.
    """

    suppressed: bool = False
    comment_above: Fraction | None = None
    comment_id: str = ""
    version: str = ""
