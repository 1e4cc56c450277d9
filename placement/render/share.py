"""How a share is written, with its other reading where models of unknown scope move it."""

from __future__ import annotations

from fractions import Fraction

from placement.render.formats.escape import terminal
from placement.report import Finding, OtherReading, exact_share
from placement.text.decimals import grouped, percent_text, plain


def share(finding: Finding) -> str:
    """Return a share as a percentage, or both where a doubt moves it: `2.71 % or 0.00 %`.

    Each has the digits that tell it apart from its limit; empty where nothing is divided.
    """
    if finding.limit is None:
        return ""
    texts = [percent(finding, finding.limit)]
    if finding.other_reading is not None:
        texts.append(percent(finding.other_reading, finding.limit))
    return " or ".join(dict.fromkeys(filter(None, texts)))


def other_reading(finding: Finding) -> str:
    """Return the other reading in a sentence, empty where there is no doubt."""
    other = finding.other_reading
    if other is None:
        return ""
    clauses = [
        f"{terminal(' and '.join(models))} {verb}"
        for models, verb in (
            (other.counted, "counted" if len(other.counted) > 1 else "counts"),
            (other.left_out, "are left out" if len(other.left_out) > 1 else "is left out"),
        )
        if models
    ]
    text = percent(other, finding.limit or "0")
    equals = f" = {text}" if text else ""
    return f"{amounts(other)} {finding.unit}{equals} if {' and '.join(clauses)}"


def amounts(of: Finding | OtherReading) -> str:
    """Return the numerator, over the denominator where there is one: `5 / 70`."""
    amount = grouped(of.numerator or "0")
    return amount if of.denominator is None else f"{amount} / {grouped(of.denominator)}"


def limit_of(finding: Finding) -> str:
    """Return the limit with its comparison: `<= 7 %`, `<= 26,900,000`."""
    limit = Fraction(finding.limit or 0)
    text = grouped(plain(limit)) if finding.denominator is None else f"{plain(limit * 100)} %"
    return f"{finding.comparison} {text}"


def percent(of: Finding | OtherReading, limit: str) -> str:
    """Return the share as a percentage, empty where nothing is divided."""
    exact = exact_share(of)
    return "" if exact is None else percent_text(exact, Fraction(limit))
