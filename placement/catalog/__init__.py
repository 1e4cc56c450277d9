"""Reference facts: accelerators and their names, instance types, regions, countries."""

from placement.catalog.accelerator_names import Catalog, Match, load_catalog, refused_overrides
from placement.catalog.accelerators import (
    H100E,
    H100E_TPP,
    TF32_WIDTHS,
    Accelerator,
    Rate,
    refusal,
    tpp_text,
)
from placement.catalog.countries import all_codes, continents, country, country_name
from placement.catalog.errors import RefusedName, UnknownName
from placement.catalog.instances import Instance, find_instance
from placement.catalog.overrides import Override
from placement.catalog.providers import provider_key
from placement.catalog.regions import Region, find_region, region_country
from placement.catalog.units import HolderName

__all__ = [
    "H100E",
    "H100E_TPP",
    "TF32_WIDTHS",
    "Accelerator",
    "Catalog",
    "HolderName",
    "Instance",
    "Match",
    "Override",
    "Rate",
    "RefusedName",
    "Region",
    "UnknownName",
    "all_codes",
    "continents",
    "country",
    "country_name",
    "find_instance",
    "find_region",
    "load_catalog",
    "provider_key",
    "refusal",
    "refused_overrides",
    "region_country",
    "tpp_text",
]
