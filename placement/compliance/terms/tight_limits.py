"""Limits of which little is left, as warnings where the user asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from placement.enums import Verdict
from placement.report import Finding
from placement.text.decimals import percent_text, plain


def warned(findings: Iterable[Finding], least: Fraction | None) -> tuple[Finding, ...]:
    """Return findings, of which those that keep less than a part of their limit are warnings.

    `least`: that part, as 1/10; None: none is. Of a floor it is what is above it, as a part of it.
    Exactly that part is enough. A limit of 0 has no part, nor has a duty or a notice.
    """
    if least is None:
        return tuple(findings)
    return tuple(_warned(one, least) for one in findings)


def _warned(finding: Finding, least: Fraction) -> Finding:
    limit = Fraction(finding.limit or 0)
    if finding.verdict is not Verdict.OK or finding.measure is None or not limit:
        return finding
    if finding.denominator is not None and not Fraction(finding.denominator):
        return finding
    beyond = finding.measured - limit
    left = (beyond if finding.comparison == ">=" else -beyond) / limit
    if left >= least:
        return finding
    said = percent_text(left, least)
    why = f"{said} of the limit is left, less than {plain(least * 100)} %"
    reason = "; ".join(filter(None, (finding.reason, why)))
    return finding.model_copy(update={"verdict": Verdict.WARNING, "reason": reason})
