"""What is said of an inventory's lots that is no fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placement.enums import Status
from placement.readers.inventory.resolve import Faults

if TYPE_CHECKING:
    import polars as pl


def inventory_notes(frame: pl.DataFrame, faults: Faults) -> list[str]:
    """Return what is said of the lots of an inventory: retired ones, regions that are not known."""
    import polars as pl

    notes = []
    retired = (pl.col("the_status") == Status.RETIRED.value) & pl.col("end").is_null()
    undated = int(frame.filter(retired)["count"].sum())
    if undated:
        lines = "1 retired line has" if undated == 1 else f"{undated} retired lines have"
        notes.append(f"{lines} no out_of_service and never counted")
    unknown = [
        f"{provider} {region}" for provider, region in faults.said.get("region", {}) if provider
    ]
    if unknown:
        shown = ", ".join(sorted(unknown)[:5]) + (", ..." if len(unknown) > 5 else "")
        notes.append(f"regions not in the catalogue, country taken as written: {shown}")
    return [*notes, *_doubtful_regions(frame)]


def _doubtful_regions(frame: pl.DataFrame) -> list[str]:
    """Say what was made of regions of low confidence."""
    import polars as pl

    doubtful = (
        frame.lazy()
        .filter(~pl.col("region_sure"))
        .select(
            pl.col("the_provider"),
            pl.col("region").cast(pl.String).str.strip_chars(),
            "country_region",
            "country_found",
        )
        .unique()
        .collect()
        if "region" in frame.columns
        else pl.DataFrame()
    )
    notes = []
    for provider, region, ours, taken in sorted(doubtful.rows()):
        if ours == taken:
            said = f"is taken for {ours}, with low confidence: check it"
        else:
            said = (
                f"is in {ours} by the catalogue, with low confidence; {taken} is taken as written"
            )
        notes.append(f"region {provider} {region} {said}")
    return notes
