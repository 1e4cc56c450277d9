"""The placement.toml of a later period: that of the plan, with a shorter horizon."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from placement.optimization.data.periods import Period
from placement.optimization.data.problem import Problem
from placement.policy import packs_of
from placement.readers.config.discovery import WITHIN, is_pyproject
from placement.readers.config.money import in_currency
from placement.report import PlanSource
from placement.text.toml_writer import toml_key, toml_value


def configuration_from(
    path: Path,
    problem: Problem,
    source: PlanSource,
    to: Period,
    *,
    packs: Mapping[str, str],
    has_entities: bool,
    compliant_from: date | None,
) -> str:
    """Return the text of the placement.toml from a period on.

    The tables lie beside it under their usual names, and so do the `packs` that were named by their
    paths, under the names given here. What was asked for beside the configuration is written into
    it.
    """
    text = path.read_text("utf-8-sig")
    tree: dict[str, Any] = tomllib.loads(text, parse_float=Decimal)
    for table in WITHIN if is_pyproject(path) else ():
        tree = tree[table]
    tree.pop("files", None)
    _placement(tree.setdefault("placement", {}), source, packs, has_entities=has_entities)
    left = sum(period.first >= to.first for period in problem.periods)
    horizon = tree.setdefault("horizon", {})
    horizon |= {"start": to.name, "periods": left, "discounted_to": problem.discount_day}
    _optimize(tree.setdefault("optimize", {}), problem, source, to, left, compliant_from)
    if source.options:
        options = tree.setdefault("policy", {}).setdefault("options", {})
        options |= source.options
    head = f"# Carried on to {to.name} by `placement advance`; costs are discounted as before."
    return "\n".join([head, *_lines(tree, ())]) + "\n"


def _placement(
    section: dict[str, Any], source: PlanSource, packs: Mapping[str, str], *, has_entities: bool
) -> None:
    named = packs_of(source.policy) or packs_of(section.get("policy"))
    here = [f"./{packs[one]}" if one in packs else one for one in named]
    if here:
        section["policy"] = here if len(here) > 1 else here[0]
    if source.headquarters is not None:
        section["headquarters"] = source.headquarters
        section["authorization"] = list(source.authorization)
    elif has_entities:
        for key in ("headquarters", "authorization"):
            section.pop(key, None)


def _optimize(
    section: dict[str, Any],
    problem: Problem,
    source: PlanSource,
    to: Period,
    left: int,
    compliant_from: date | None,
) -> None:
    budget = in_currency("budget_usd_per_period", problem.currency)
    given = section.get(budget)
    if isinstance(given, list) and len(given) > 1:
        section[budget] = given[-left:]
    if source.objective:
        section["objective"] = list(source.objective)
    section.pop("by", None)
    # From an earlier day on, every rule is kept anyway.
    if problem.mode == "repair" and compliant_from is not None and compliant_from >= to.first:
        section["by"] = compliant_from


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Write a table of TOML and those in it."""
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    if path and (len(inner) < len(table) or not table):
        yield ""
        yield f"[{'.'.join(map(toml_key, path))}]"
    for key, value in table.items():
        if key not in inner:
            yield f"{toml_key(key)} = {toml_value(value)}"
    for key, value in inner.items():
        yield from _lines(value, (*path, key))
