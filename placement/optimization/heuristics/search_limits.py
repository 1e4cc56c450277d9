"""How far each heuristic goes, in one place: chosen by measurement on the benchmarks' instances.

Counts end a search, not seconds, so that the same inputs give the same plan on any machine. A step
is a few sites decided anew, or `looks_in_step` looks of HiGHS (see `highs_process.Looks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """Limits of the search for whole units; columns are whole ones, gaps relative."""

    # ------------------------------------------------------------------- the search as a whole
    #: A plan so near to the bound is good enough where no gap is asked for.
    gap: Fraction = Fraction(5, 10_000)
    #: Nothing is left to find in a plan so near.
    fine_gap: Fraction = Fraction(1, 1_000_000)
    #: Steps of a search over `many_columns` columns or fewer; over more, as many fewer.
    steps: int = 240
    least_steps: int = 40
    many_columns: int = 10_000
    looks_in_step: int = 100
    #: A search that does not pay ends after a quarter of its steps at the earliest, after an eighth
    #: where it is within the gap, and never before so many.
    fruitless_part: int = 4
    near_part: int = 8
    least_before_end: int = 8
    #: Programs of up to so many columns are searched to the last, since that is quick.
    tiny: int = 300
    #: Up to so many, a general solver is asked at once.
    small: int = 2000
    #: HiGHS's own search gets this part of the steps where sites were decided few at a time.
    general_part: int = 12
    #: Seconds for a first plan, even where the time is over.
    first_plan_seconds: float = 5.0
    #: A number so near to a whole one is that.
    near_whole: float = 1e-6
    # ----------------------------------------------------------------------------- rounding
    #: A solver is asked again where its tolerance broke rows.
    solver_rounds: int = 8
    rounding_rounds: int = 25
    # ------------------------------------------------------------------------------- diving
    diving_rounds: int = 100
    #: Parts from here on are rounded up at once; at least a quarter is, the largest, at most one
    #: per site.
    large_part: float = 0.5
    raised_share: int = 4
    dead_ends: int = 40
    #: What is left is decided by HiGHS: so many of the cheapest columns, so far, to such a gap.
    left_at_once: int = 400
    left_looks: int = 300
    left_gap: float = 1e-4
    # ------------------------------------------------------------------ large neighbourhoods
    tries: int = 4
    #: A few sites are decided to a gap so much finer than the plan has, and to this at the finest.
    finer: int = 10
    least_gap: float = 1e-7
    #: Rules are kept by 2**-30 more than they ask, against the solver's tolerance.
    margin_bits: int = 30
    #: So many steps are decided anew at once: more take a general solver long.
    least_at_once: int = 30
    most_at_once: int = 100
    #: After so many tries without a better plan, so many times more is decided at once.
    fruitless_tries: int = 4
    growth: float = 1.25
    #: Unused steps freed per site, those with the least reduced cost first.
    cheap_per_site: int = 5
    #: How far a general solver searches in each try.
    looks: int = 100


LIMITS = SearchLimits()
