"""A small plan of several periods, of which every output is looked at."""

from __future__ import annotations

from pathlib import Path

FLEET = """owner,site,country,accelerator,quantity
A,home,US,H100 SXM,160
A,windhoek,NA,H100 SXM,16
A,old,DE,H100 SXM,19
"""
SITES = """site,country,power_mw,pue,energy_usd_per_mwh,hosting_usd_per_kw_month,fixed_usd_per_month
home,US,1,1.2,60,100,1000
windhoek,NA,1,1.3,90,0,
old,DE,0.03,1,200,0,
=new(),PL,0.1,1,30.5,70,7.77
"""
SUPPLY = """accelerator,period,quantity,unit_usd,purchase_unit,kw
H100 SXM,2027Q1,24,30000,8,1.25
H100 SXM,2027Q3,24,25000,,
B200,2027Q2,16,40000.5,8,2
"""
DEMAND = """period,zone,metric,quantity,countries
2027Q1,all,accelerators,200,
2027Q2,all,accelerators,208,
2027Q3,all,accelerators,208,
2027Q3,-east,h100e,20.5,PL;DE;NA;MY;SG
2027Q4,all,tpp,3600000,
2028Q1,all,accelerators,216,
"""
CONFIG = """[placement]
policy = "ai-diffusion-2025-basic"
owner = "A"
[horizon]
start = "2027Q1"
periods = 5
discount_rate = 0.08
[moves]
allowed = true
usd_per_accelerator = 12.5
"""


def write(folder: Path, **changed: str) -> Path:
    """Write the inputs, some of them changed (`demand` is demand.csv)."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "placement.toml": CONFIG,
        "inventory.csv": FLEET,
        "sites.csv": SITES,
        "supply.csv": SUPPLY,
        "demand.csv": DEMAND,
    }
    for name, text in changed.items():
        known = next(one for one in files if one.startswith(f"{name}."))
        files[known] = text
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder
