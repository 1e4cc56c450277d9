"""Whole planning programs of any size, as a folder of inputs; the same seed gives the same bytes.

    python -m tests.benchmarks.instances 300x20x12 FOLDER [--seed 1] [--over] [--movable]

A size is sites x models x periods, quarters from 2027Q1 on. Every instance is feasible by
construction, without whole units: a plan is made along with it (`drawn`) that buys 85 % of the
supply, spreads it over the sites that are open from the start and accept every model, 58 % of it
in the United States, and serves the demand with 5 % to spare. Whoever minimizes cost has all other
sites and the rest of the supply, too.

`--over` puts a bit more than 7 % of the starting fleet into Malaysia, which the growth of the first
period can mend. `--movable` allows moving and retiring what stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

import click

from tests.benchmarks.drawn import Instance, Shape, first_day, quarter

__all__ = ["OWNER", "PARENT", "SIZES", "Instance", "Shape", "texts", "write"]

SIZES = ("50x8x4", "100x10x8", "300x20x12", "600x30x16", "1000x40x20")
"""Sites x models x periods: 1,600 to 800,000 cells."""

OWNER, PARENT = "Meridian Cloud Services", "Meridian Holdings Inc"


def write(folder: Path, shape: Shape) -> Instance:
    """Write an instance into a folder, made if need be; give what was drawn."""
    one = Instance(shape)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts(one).items():
        (folder / name).write_bytes(text.encode())
    return one


def texts(one: Instance) -> dict[str, str]:
    """Return the files of an instance by name."""
    files = {
        "placement.toml": _toml(one.shape),
        "entities.csv": _entities(),
        "inventory.csv": _inventory(one),
        "sites.csv": _sites(one),
        "supply.csv": _supply(one),
        "demand.csv": _demand(one),
    }
    if one.shape.periods > 1:
        files["site_limits.csv"] = _site_limits(one)
    if any(model.made_up for model in one.models):
        files["accelerators.csv"] = _accelerators(one)
    return files


def _toml(shape: Shape) -> str:
    lines = [
        f"# {shape.sites} sites x {shape.models} models x {shape.periods} periods, generated.",
        "[placement]",
        'policy = "ai-diffusion-2025"',
        f'owner = "{OWNER}"',
        "",
        "[horizon]",
        f'start = "{quarter(0)}"',
        f"periods = {shape.periods}",
        "",
        "[optimize]",
        "allow_dilution = true",
    ]
    if shape.movable:
        lines += ["", "[moves]", "allowed = true", "usd_per_accelerator = 900"]
        lines += ["max_accelerators_per_period = 4096"]
        lines += ["", "[retire]", "allowed = true", "usd_per_accelerator = 150"]
    return "\n".join([*lines, ""])


def _table(header: str, rows: Iterable[Sequence[object]]) -> str:
    return "\n".join([header, *(",".join(map(_cell, row)) for row in rows), ""])


def _cell(value: object) -> str:
    text = str(value)
    return f'"{text}"' if "," in text else text


def _exact(value: object) -> str:
    """Write a number with at most two decimals."""
    return format(Decimal(f"{float(str(value)):.2f}").normalize(), "f")


def _entities() -> str:
    rows = [(PARENT, "", "US", "uveu"), (OWNER, PARENT, "US", "")]
    return _table("entity,parent,headquarters,authorization", rows)


def _inventory(one: Instance) -> str:
    where = {site.name: site.land.code for site in one.sites}
    rows = [
        (OWNER, site, where[site], model, count, "installed", "2026-06-01")
        for (site, model), count in one.fleet.items()
    ]
    return _table("owner,site,country,accelerator,quantity,status,in_service", rows)


def _sites(one: Instance) -> str:
    rows = [
        (
            site.name,
            site.land.code,
            "open",
            first_day(site.opens) if site.opens else "",
            _exact(site.power[0]),
            _exact(site.pue),
            _exact(site.energy),
            _exact(site.hosting),
            ";".join(site.accepts),
        )
        for site in one.sites
    ]
    prices = "energy_usd_per_mwh,hosting_usd_per_kw_month"
    return _table(f"site,country,status,opens,power_mw,pue,{prices},accelerators", rows)


def _site_limits(one: Instance) -> str:
    """Write the power of sites that ramp up, a row for every period."""
    rows = [
        (site.name, quarter(period), _exact(power))
        for site in one.sites
        if site.power[0] != site.power[-1]
        for period, power in enumerate(site.power)
    ]
    return _table("site,period,power_mw", rows)


def _supply(one: Instance) -> str:
    rows = [
        (model.name, quarter(period), count, usd, model.unit, _exact(float(model.kw)))
        for model, found in zip(one.models, one.supply, strict=True)
        for period, (count, usd) in enumerate(found)
    ]
    return _table("accelerator,period,quantity,unit_usd,purchase_unit,kw", rows)


def _demand(one: Instance) -> str:
    rows = [
        (quarter(period), zone, metric, quantities[period], countries)
        for period in range(one.shape.periods)
        for zone, metric, quantities, countries in one.demand
    ]
    return _table("period,zone,metric,quantity,countries", rows)


def _accelerators(one: Instance) -> str:
    rows = [
        (model.name, "made up", model.tpp, _exact(float(model.kw)), model.unit, "yes")
        for model in one.models
        if model.made_up
    ]
    return _table("accelerator,source,tpp,kw,purchase_unit,datacenter", rows)


@click.command()
@click.argument("size")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seed", default=1)
@click.option("--over", is_flag=True, help="Start a bit above 7 % in Malaysia.")
@click.option("--movable", is_flag=True, help="Allow moving and retiring.")
def main(size: str, folder: Path, seed: int, *, over: bool, movable: bool) -> None:
    """Write an instance of a size, as 300x20x12, into a folder."""
    one = write(folder, Shape.parse(size, seed, over=over, movable=movable))
    click.echo(f"{one.shape.cells:,} cells, {len(one.fleet):,} lots in {folder}")


if __name__ == "__main__":
    main()
