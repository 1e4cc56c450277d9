"""The verbs as functions: paths or DataFrames in, a report out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from placement.run import When, check_inventory
from placement.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd

    from placement.report import Report
    from placement.sources.config import ConfigFile


def check(
    inventory: str | Path | pd.DataFrame,
    *,
    policy: str | None = None,
    options: Mapping[str, str] | None = None,
    entities: str | Path | None = None,
    headquarters: str | None = None,
    authorization: str | Sequence[str] = (),
    as_of: date | None = None,
    since: date | None = None,
    until: date | None = None,
    plans: bool = True,
    config: str | Path | None = None,
) -> Report:
    """Judge an inventory, a CSV or a DataFrame with the same columns, under a policy pack.

    Without dates: today, and every measurement date up to the last date in the inventory.
    `policy` is the id of a pack that ships (default `ai-diffusion-2025`) or a path; `options`
    answer its open questions. Companies come from `entities` (a CSV), or `headquarters` and
    `authorization` hold for every owner. `plans` False leaves ordered and planned lots out.
    `config` is a placement.toml for what is not given here; the one beside the inventory, if any,
    is read by itself.

    Raises InputError (all problems of the input together), PolicyError, UsageError, and
    NothingEvaluatedError where no rule was bound to anything. `Report.frame()` gives the findings
    as a DataFrame.
    """
    from placement.sources.inventory import inventory_from_frame, read_inventory

    when = When(as_of, since, until)
    found = _config(config, inventory)
    settings = load_settings(
        found,
        policy=policy,
        options=options,
        entities=entities,
        headquarters=headquarters,
        authorization=[authorization] if isinstance(authorization, str) else authorization,
    )
    if isinstance(inventory, str | Path):
        lots = read_inventory(inventory, catalog=settings.catalog)
    else:
        lots = inventory_from_frame(inventory, catalog=settings.catalog)
    return check_inventory(
        lots,
        policy=settings.policy,
        catalog=settings.catalog,
        entities=settings.entities,
        days=when,
        plans=plans,
        assumptions=settings.assumptions,
    )


def _config(given: str | Path | None, inventory: object) -> ConfigFile | None:
    """Read the configuration that was named, or the one beside the inventory."""
    if given is None and isinstance(inventory, str | Path) and str(inventory) != "-":
        beside = Path(inventory).parent / "placement.toml"
        given = beside if beside.is_file() else None
    if given is None:
        return None
    from placement.sources.config import read_config

    return read_config(given)
