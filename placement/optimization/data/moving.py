"""Whether standing kit may be moved, and where what is on its way counts."""

from __future__ import annotations

from placement.optimization.data.problem import Moves
from placement.readers.config.placement_toml import Config, Transit


def moves_of(config: Config) -> tuple[Moves | None, list[str]]:
    """Return how standing kit may move, None where it may not, and the note that says why."""
    chosen, count = config.moves, config.horizon.periods if config.horizon else 1
    if not chosen.allowed or chosen.usd_per_accelerator is None:
        return None, []
    if chosen.transit_periods >= count:
        which = "only one" if count == 1 else "last one"
        return None, [
            f"moves take {chosen.transit_periods} periods and would arrive after the {which}: none"
        ]
    return Moves(
        chosen.usd_per_accelerator, chosen.max_accelerators_per_period, chosen.transit_periods
    ), []


def on_the_way(moves: Moves | None, transit: Transit) -> list[str]:
    """Return where what is on its way counts."""
    if moves is None or not moves.transit_periods:
        return []
    count = moves.transit_periods
    took = f"moves take {count} period{'s' if count > 1 else ''}"
    counts = f"{took}: what is on its way counts at its destination from its departure"
    if transit == "destination":
        return [counts]
    return [f"{counts}; the plan also keeps every limit with it counted where it left"]
