"""Small fleets under the basic pack: 50 % in the US, 7 % in each country of the second tier."""

from __future__ import annotations

from pathlib import Path

HEADER = "owner,site,country,accelerator,quantity,status,in_service,out_of_service\n"
PACK = "ai-diffusion-2025-basic"
TODAY = "2026-12-01"

#: 900 in the US and some in Malaysia: the limit of 7 % is at 67.7 of them.
US = 900


def fleet(folder: Path, name: str, my: int, *more: str, us: int = US) -> Path:
    """Write an inventory with so many accelerators in Malaysia, and further rows."""
    rows = [f"Acme,us-1,US,H100 SXM,{us},installed,,"]
    rows += [f"Acme,my-1,MY,H100 SXM,{my},installed,,"] if my else []
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "".join(f"{row}\n" for row in (*rows, *more)), "utf-8")
    return path
