"""Names of tables beside a placement.toml that are not those of a CSV."""

from __future__ import annotations

from collections.abc import Mapping

#: By the table; each other one is `<table>.csv`.
USUAL_NAMES: Mapping[str, str] = {"waivers": "waivers.toml"}
