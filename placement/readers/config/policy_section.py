"""`[policy]` of a placement.toml: what a pack leaves open, and what it cannot know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from placement.enums import GROUPS_TABLE
from placement.errors import Fault, UsageError

if TYPE_CHECKING:
    from placement.readers.config.placement_toml import ConfigFile


class PolicySection(BaseModel):
    """Answers to the open questions of the pack, and countries that join its groups."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    options: dict[str, str] = Field(default_factory=dict)
    groups: dict[str, list[str]] = Field(default_factory=dict)


def in_file(error: UsageError, config: ConfigFile) -> UsageError:
    """Return the error with file and line where it is about a key of [policy.groups]."""
    return UsageError(_placed(problem, config) for problem in error.problems)


def _placed(one: Fault, config: ConfigFile) -> Fault:
    column = one.column or ""
    if one.file is not None or not f"{column}.".startswith(f"{GROUPS_TABLE}."):
        return one
    group = column.removeprefix(GROUPS_TABLE).removeprefix(".")
    return replace(
        one, file=config.file, line=config.line(*GROUPS_TABLE.split("."), *filter(None, [group]))
    )
