"""A seeded fleet of many sites, for the way that general solvers are too slow for."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd

COUNTRIES = ["US"] * 12 + ["DE", "FR", "JP", "CA", "GB", "MY", "IN", "BR", "AE", "NA", "ZA", "PL"]
MODELS = [
    ("H100 SXM", 8, 25000, "1.3"), ("H200 SXM", 8, 31000, "1.35"), ("B200", 8, 38000, "1.8"),
    ("GB200", 72, 49000, "1.9"), ("MI300X", 8, 17000, "1.3"), ("B300", 8, 46000, "2.0"),
    ("GB300", 72, 57000, "2.1"), ("MI325X", 8, 21000, "1.5"), ("A100-SXM4-80GB", 8, 9000, "0.7"),
    ("L40S", 4, 8000, "0.5"),
]  # fmt: skip


def big(sites: int, seed: int = 1) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Return configuration and tables of a fleet with demand for about half of its room."""
    rng = random.Random(seed)
    places = [(f"s{n:04}", COUNTRIES[n % len(COUNTRIES)]) for n in range(sites)]
    table = [
        (name, country, rng.randint(5, 60), f"1.{rng.randint(8, 40):02}", rng.randint(30, 130))
        for name, country in places
    ]
    stock = [
        ("A", name, country, "H100 SXM", 8 * rng.randint(5, 150) + rng.randint(0, 3))
        for name, country in places
        if rng.random() < 0.6
    ]
    supply = [
        (model, "2027Q1", unit * 30 * sites, price, unit, kw) for model, unit, price, kw in MODELS
    ]
    demand = [
        ("2027Q1", None, "h100e", 600 * sites, ""),
        ("2027Q1", None, "h100e", 150 * sites, "tier1"),
        ("2027Q1", None, "h100e", 20 * sites, "DE;FR"),
        ("2027Q1", None, "mw", "0.05", "NA;ZA"),
        ("2027Q1", "GB200", None, 90 * sites, "us"),
        ("2027Q1", None, "tpp", 500000 * sites, "MY;IN"),
    ]
    tables = {
        "sites": pd.DataFrame(
            table, columns=["site", "country", "power_mw", "pue", "energy_usd_per_mwh"]
        ),
        "inventory": pd.DataFrame(
            stock, columns=["owner", "site", "country", "accelerator", "quantity"]
        ),
        "supply": pd.DataFrame(
            supply,
            columns=["accelerator", "period", "quantity", "unit_usd", "purchase_unit", "kw"],
        ),
        "demand": pd.DataFrame(
            demand, columns=["period", "accelerator", "metric", "quantity", "countries"]
        ),
    }
    config = {
        "placement": {"policy": "ai-diffusion-2025", "headquarters": "US", "authorization": "uveu"},
        "horizon": {"start": "2027Q1"},
        "moves": {"allowed": True, "usd_per_accelerator": 900},
    }
    return config, tables
