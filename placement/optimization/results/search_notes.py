"""What the notes say of a search that the machine ended, and no count of steps."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from placement.enums import Ended
from placement.optimization.heuristics.search_budget import Limits
from placement.optimization.lexicographic import SearchResult
from placement.optimization.progress import ProgressTracker

INTERRUPTED = "the search was interrupted: the plan is the best one found until then, if any"

_TIMES = 10
"""A first plan takes so many times as long as the relaxation at most, as a rule."""


def said_of_search(found: SearchResult, limits: Limits, clock: ProgressTracker) -> Iterator[str]:
    """Say why the same inputs and seed may give another plan the next time, and what would do."""
    if found.interrupted:
        yield INTERRUPTED
    ends = {end.ended for end in found.ends if not end.repeatable}
    if Ended.TIME in ends:
        seconds = f"{limits.seconds:g} s"
        if found.x is None:
            yield f"no plan was found within {seconds}: {_longer(limits, clock)}"
        else:
            yield (
                f"the time limit of {seconds} ended the search: another run, or another machine, "
                "may come to another plan; with a longer one its effort ends it"
            )
    if Ended.LOST in ends:
        yield (
            "HiGHS did not come to an end in a part of the search and was ended: what it had found "
            "until then was used, and another run may come to another plan; "
            "--seed takes another way"
        )


def _longer(limits: Limits, clock: ProgressTracker) -> str:
    """Say what would do, from how long the relaxation took."""
    took = clock.timings.get("lp", 0.0)
    enough = max(_TIMES * took, 2 * limits.seconds, 10.0)
    digits = 10 ** max(0, len(str(ceil(enough))) - 2)
    rounded = ceil(enough / digits) * digits
    return (
        f"the linear program alone took {took:.1f} s, and a first plan takes a few times as long; "
        f"pass --time-limit {rounded}"
    )
