"""Waivers for what is broken, as they are written into a waivers.toml."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from pydantic import ValidationError

from placement.enums import Verdict
from placement.errors import Fault, UsageError
from placement.finding import FindingKey
from placement.readers.waivers import WaiverRow
from placement.report import Finding
from placement.text.decimals import plain
from placement.worse import Measurement

_DIGITS = 10**6


def for_breaches(
    findings: Iterable[Finding],
    *,
    granted: date,
    expires: date,
    reason: str,
    author: str,
    approver: str,
) -> list[WaiverRow]:
    """Return a waiver for each breach up to the day on which it expires that fails a run.

    The amount is that of the worst of these days; a share is rounded away from the limit in the
    sixth digit. UsageError for terms that no waiver may have.
    """
    worst: dict[tuple[str, ...], Finding] = {}
    for one in findings:
        if one.verdict is Verdict.BREACH and one.fails and one.date <= expires:
            at = one.key[:5]
            known = worst.get(at)
            if known is None or Measurement.of(one).badness > Measurement.of(known).badness:
                worst[at] = one
    terms = {
        "reason": reason,
        "author": author,
        "approver": approver,
        "granted": granted,
        "expires": expires,
    }
    _check(terms)
    return [
        WaiverRow.model_validate({**_about(one.key), "at_most": amount_text(one), **terms})
        for one in worst.values()
    ]


def amount_text(finding: Finding) -> str | None:
    """Return the amount of a finding as a waiver says it; None where nothing was measured."""
    if finding.numerator is None or (finding.measure is None and finding.kind != "notice"):
        return None
    if finding.denominator is None or not Fraction(finding.denominator):
        return plain(finding.measured)
    scaled = finding.measured * _DIGITS
    # Down for a floor, up for all others.
    whole = scaled.numerator // scaled.denominator
    if scaled.denominator != 1 and finding.comparison != ">=":
        whole += 1
    return f"{plain(Fraction(whole * 100, _DIGITS))} %"


def _about(key: FindingKey) -> dict[str, str]:
    item = {"item": key.item} if key.item else {}
    return {"rule": f"{key.pack}:{key.rule}", "owner": key.owner, "place": key.place, **item}


def _check(terms: dict[str, object]) -> None:
    """Refuse terms that no waiver may have, whether or not there is one to write."""
    try:
        WaiverRow.model_validate({"rule": "x", "owner": "x", "place": "x", **terms})
    except ValidationError as error:
        raise UsageError(
            Fault(
                str(one["ctx"]["error"]) if "ctx" in one else str(one["msg"]),
                getattr(one.get("ctx", {}).get("error"), "fix", ""),
                column=f"--{one['loc'][0]}" if one["loc"] else None,
            )
            for one in error.errors()
        ) from error
