"""How a share is written, with its other reading where models of unknown scope move it."""

from __future__ import annotations

from fractions import Fraction

from placement.render.formats.escape import terminal
from placement.report import Finding, OtherReading
from placement.text.decimals import grouped, percent_text, plain


def share(finding: Finding) -> str:
    """Return a share as a percentage, or both where a doubt moves it: `2.71 % or 0.00 %`.

    Each has the digits that tell it apart from its limit; empty where nothing is divided.
    """
    if finding.limit is None:
        return ""
    texts = [_percent(finding, finding.limit)]
    if finding.other_reading is not None:
        texts.append(_percent(finding.other_reading, finding.limit))
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
    amount = grouped(other.numerator)
    if other.denominator is not None:
        amount += f" / {grouped(other.denominator)}"
    limit = finding.limit or "0"
    percent = _percent(other, limit)
    equals = f" = {percent}" if percent else ""
    return f"{amount} {finding.unit}{equals} if {' and '.join(clauses)}"


def limit_of(finding: Finding) -> str:
    """Return the limit with its comparison: `<= 7 %`, `<= 26,900,000`."""
    limit = Fraction(finding.limit or 0)
    text = grouped(plain(limit)) if finding.denominator is None else f"{plain(limit * 100)} %"
    return f"{finding.comparison} {text}"


def _percent(of: Finding | OtherReading, limit: str) -> str:
    if of.numerator is None or of.denominator is None:
        return ""
    whole = Fraction(of.denominator)
    return percent_text(Fraction(of.numerator) / whole, Fraction(limit)) if whole else ""
