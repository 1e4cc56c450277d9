"""What instances are drawn from: countries with their prices, regional demand, models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from placement.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Land:
    """A country: USD per MWh, USD per kW of IT power and month, least and highest PUE."""

    code: str
    energy: float
    hosting: float
    pue: tuple[float, float]


#: The United States and the rest of tier 1.
TIER1 = (
    Land("US", 62, 12, (1.1, 1.3)),
    Land("DE", 112, 18, (1.14, 1.25)),
    Land("JP", 128, 22, (1.2, 1.35)),
    Land("FR", 84, 15, (1.12, 1.25)),
    Land("GB", 118, 19, (1.15, 1.3)),
    Land("KR", 98, 18, (1.2, 1.35)),
    Land("IE", 122, 17, (1.1, 1.2)),
    Land("SE", 45, 12, (1.1, 1.15)),
    Land("NL", 104, 18, (1.12, 1.25)),
    Land("CA", 42, 10, (1.1, 1.2)),
    Land("AU", 88, 17, (1.15, 1.3)),
    Land("NO", 39, 12, (1.1, 1.15)),
    Land("ES", 70, 13, (1.15, 1.25)),
    Land("FI", 43, 11, (1.1, 1.15)),
    Land("TW", 96, 17, (1.25, 1.4)),
    Land("IT", 126, 17, (1.15, 1.3)),
    Land("DK", 79, 15, (1.1, 1.2)),
    Land("BE", 108, 18, (1.12, 1.25)),
)

TIER2 = (
    Land("MY", 36, 8, (1.25, 1.4)),
    Land("IN", 66, 8, (1.3, 1.5)),
    Land("AE", 40, 9, (1.3, 1.45)),
    Land("SG", 132, 26, (1.25, 1.4)),
    Land("BR", 60, 10, (1.25, 1.4)),
    Land("SA", 38, 9, (1.3, 1.5)),
    Land("PL", 97, 13, (1.15, 1.25)),
    Land("CH", 106, 21, (1.1, 1.2)),
    Land("ZA", 70, 9, (1.25, 1.4)),
    Land("MX", 58, 9, (1.2, 1.35)),
    Land("ID", 44, 8, (1.3, 1.45)),
    Land("NA", 80, 9, (1.25, 1.4)),
)

#: Regional demand: zone, countries, metric.
REGIONS = (
    ("inference Europe", "BE;DE;DK;ES;FI;FR;IE;IT;NL;PL;SE", "tpp"),
    ("inference Japan and Korea", "JP;KR", "h100e"),
    ("residency India", "IN", "h100e"),
    ("inference South-East Asia", "ID;MY;SG", "tpp"),
    ("inference Latin America", "BR;MX", "h100e"),
    ("training", "US", "tpp"),
)

#: Models of the catalogue with a TPP, a TDP and a purchase unit, the oldest first; the first three
#: of those taken are what the starting fleet consists of.
MODELS = (
    "H100-SXM5-80GB",
    "MI300X",
    "H200-SXM5-141GB",
    "B200",
    "GB200",
    "MI355X",
    "B300",
    "GB300",
    "MI325X",
    "Rubin (VR200)",
    "Trainium2",
    "TPU7x (Ironwood)",
    "A100-SXM4-80GB",
    "Gaudi3",
    "TPU v6e (Trillium)",
    "GH200-96GB",
    "Maia 200",
    "MI350X",
    "TPU v5p",
    "L40S",
    "RTX PRO 6000 Blackwell Server Edition",
    "H200-NVL-141GB",
    "Gaudi2",
    "MI300A",
    "Maia 100",
)

MADE_UP_UNITS = (8, 8, 16, 36, 72)


def models_of_catalogue(
    catalog: Catalog, count: int
) -> Iterator[tuple[str, Fraction, Fraction, int]]:
    """Return name, TPP, TDP in watts and purchase unit of the first models."""
    for name in MODELS[:count]:
        one = catalog.accelerators[name]
        mtpp = one.mtpp()
        assert mtpp is not None
        assert one.tdp_w is not None
        assert one.purchase_unit is not None
        yield name, Fraction(mtpp, 1000), one.tdp_w, one.purchase_unit
