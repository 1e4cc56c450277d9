"""Discounting: what money of a period is worth on the day to which it is discounted."""

from __future__ import annotations

from fractions import Fraction

from placement.optimization.data.problem import Problem


def discounts(problem: Problem) -> tuple[Fraction, ...]:
    """Return the factor of each period: (1 + rate) ** -(years since a day), to 12 places.

    The day is `discount_day`, the first of a month. Years are months / 12, so that a factor is the
    same in every calendar, and the same whichever later period a plan begins with.
    """
    from decimal import Decimal, localcontext

    rate = Decimal(problem.discount_rate.numerator) / Decimal(problem.discount_rate.denominator)
    found = list[Fraction]()
    base = problem.discount_day.year * 12 + problem.discount_day.month
    with localcontext() as context:
        context.prec = 50
        for period in problem.periods:
            months = period.first.year * 12 + period.first.month - base
            factor = (1 + rate) ** (Decimal(-months) / 12)
            found.append(Fraction(round(factor, 12)))
    return tuple(found)
