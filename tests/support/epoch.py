"""Epoch AI's data centers as an inventory.

`data_center_chip_quantities.csv` has the cumulative units per data center and chip type by date;
each count is a lot that stands from its date until the next count of the same chip there. Dates
after the copy's own are plans. `data_centers.csv` gives the country by the data center's name.
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from placement.catalog import load_catalog

COPY_OF = date(2026, 8, 20)

#: Headquarters and parents, written for the test. Authorizations are hypothetical: none is known
#: to have been granted; tier 1 companies are taken to hold one.
ENTITIES = """\
entity,parent,headquarters,authorization
AI XPV Platform,,US,uveu
Alibaba,,CN,none
Amazon,,US,uveu
ByteDance,,CN,none
Core42,G42,,none
CoreWeave,,US,uveu
Firmus,,AU,uveu
Fluidstack,,GB,uveu
G42,,AE,none
Google,,US,uveu
Google Cloud,Google,,uveu
Huawei,,CN,none
MGX,,AE,none
Meta,,US,uveu
Microsoft,,US,uveu
Mistral AI,,FR,uveu
NVIDIA,,US,uveu
Nebius,,NL,uveu
Nscale,,GB,uveu
Oracle,,US,uveu
Softbank,,JP,uveu
SpaceXAI,,US,uveu
VNET,,CN,none
xAI,SpaceXAI,,uveu
"""

#: Two assumptions about names: the table's "H100" and "H200" are the SXM parts.
ALIASES = {"H100": "H100-SXM5-80GB", "H200": "H200-SXM5-141GB"}
CONFIG = "[aliases]\n" + "".join(f'{name} = "{model}"\n' for name, model in ALIASES.items())


@dataclass
class Epoch:
    """The inventory's rows, and everything that did not become one."""

    rows: list[dict[str, str]] = field(default_factory=list)
    without_country: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    without_owner: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rounded: list[tuple[str, str, str, int]] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        """Write inventory, entities and configuration; gives the inventory's path."""
        path = folder / "inventory.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)
        (folder / "entities.csv").write_text(ENTITIES, "utf-8")
        (folder / "placement.toml").write_text(CONFIG, "utf-8")
        return path


def read_epoch(folder: Path) -> Epoch:
    """Convert both tables; fractional units are rounded down and listed."""
    sites = {row["Name"]: row for row in _table(folder / "data_centers.csv")}
    counts: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in _table(folder / "data_center_chip_quantities.csv"):
        counts[row["Data center"], row["Chip type"]].append(row)
    epoch = Epoch()
    for (site, chip), series in sorted(counts.items()):
        series.sort(key=lambda row: row["Date"])
        for row, after in zip(series, [*series[1:], None], strict=True):
            owner = _owner(row["Owner"]) or _owner(sites.get(site, {}).get("Owner", ""))
            units = Decimal(row["Number of Units"])
            if units != int(units):
                epoch.rounded.append((site, chip, row["Number of Units"], int(units)))
            if site not in sites:
                epoch.without_country[site] += 1
                continue
            if not owner:
                epoch.without_owner[site] += 1
                continue
            if after is not None and after["Date"] == row["Date"]:
                raise AssertionError(f"two counts of {chip} in {site} on {row['Date']}")
            day = date.fromisoformat(row["Date"])
            epoch.rows.append(
                {
                    "owner": owner,
                    "site": site,
                    "country": sites[site]["Country"],
                    "accelerator": chip,
                    "quantity": str(int(units)),
                    "status": "planned" if day > COPY_OF else "installed",
                    "in_service": row["Date"],
                    "out_of_service": after["Date"] if after is not None else "",
                }
            )
    return epoch


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _owner(cell: str) -> str:
    """Return the first owner of a cell such as `ByteDance #likely, Oracle #likely`."""
    name = re.sub(r"\s*#\w+", "", cell.split(",", maxsplit=1)[0]).strip()
    return {"NScale": "Nscale"}.get(name, name)


def write_replan(epoch: Epoch, folder: Path, day: date) -> dict[str, int]:
    """Write the fleet of a day as a greenfield program of one hypothetical US provider.

    Everything that stands then is supply; every data center is a site with a third more power
    than its own chips take, so that what stands in tier 3 has somewhere to go. Energy prices are
    made up. Gives the supply by chip type.
    """
    supply: dict[str, int] = defaultdict(int)
    standing: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in epoch.rows:
        if row["in_service"] <= str(day) and not "" < row["out_of_service"] <= str(day):
            supply[row["accelerator"]] += int(row["quantity"])
            standing[row["site"]].append(row)
    catalog = load_catalog(aliases=ALIASES)
    with (folder / "supply.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["accelerator", "period", "quantity", "unit_usd", "purchase_unit", "kw"])
        for chip, quantity in sorted(supply.items()):
            tdp = catalog.find(chip).accelerator.tdp_w or 700
            writer.writerow([chip, "2029Q1", quantity, 30000, 8, f"{float(tdp) * 0.0015:.3f}"])
    with (folder / "sites.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["site", "country", "power_mw", "pue", "energy_usd_per_mwh"])
        for number, (site, rows) in enumerate(sorted(standing.items())):
            watts = math.fsum(
                int(row["quantity"])
                * float(catalog.find(row["accelerator"]).accelerator.tdp_w or 700)
                for row in rows
            )
            price = 40 + 7 * number % 50
            writer.writerow([site, rows[0]["country"], f"{watts * 2.4e-6 + 1:.1f}", "1.2", price])
    (folder / "inventory.csv").write_text(
        "owner,site,country,accelerator,quantity\nFleet Inc,Colossus 1,US,B200,0\n", "utf-8"
    )
    (folder / "accelerators.csv").write_text(
        "accelerator,performance_density,source\n"
        "TPU v4,7.33,assumed for the test: 4400 TPP on a die of 600 mm2\n",
        "utf-8",
    )
    (folder / "placement.toml").write_text(
        CONFIG
        + '[placement]\nheadquarters = "US"\nauthorization = "uveu"\nowner = "Fleet Inc"\n'
        + '[horizon]\nstart = "2029Q1"\n',
        "utf-8",
    )
    return dict(supply)
