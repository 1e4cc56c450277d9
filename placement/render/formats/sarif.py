"""SARIF 2.1.0: breaches and warnings as results, each at the inventory lines that weigh most.

What is waived is left out unless it is asked for: GitHub shows suppressed results as open alerts.
There is one result for each key of a finding, whose hash is its fingerprint, so no alert opens anew
because lines have moved or a day has passed.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from placement.enums import Outcome, Verdict
from placement.render.formats.escape import terminal
from placement.render.formats.findings import (
    by_key,
    message,
    no_plan,
    path_text,
    places,
    rule_id,
    source,
)
from placement.render.formats.findings import told as told_of
from placement.render.formats.options import FormatOptions
from placement.report import Finding, Report

MOST_RESULTS = 5000
"""More of a run are not shown by GitHub."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "placement/v1"


def sarif(report: Report, options: FormatOptions) -> str:
    """Return the report as a SARIF log of one run."""
    found = told_of(report.findings)
    if options.suppressed:
        found += [f for f in report.findings if f.waived and f.verdict in _LEVELS]
    groups = list(by_key(found).values())
    rules = _rules(report)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    worse = {_at(one) for one in report.changes if one.outcome is Outcome.STILL_BROKEN}
    results = [
        _result(same, report, numbers[rule_id(same[0])], _at(same[0]) in worse)
        for same in groups[:MOST_RESULTS]
    ]
    driver: dict[str, Any] = {"name": "placement", "rules": rules}
    if options.version:
        driver["version"] = options.version
    ids = "+".join(one.id for one in report.packs or (report.pack,))
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"placement/{terminal(ids)}/"},
        "invocations": [_invocation(report, len(groups))],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    if report.ran_on is not None:
        run["properties"] = {"ranOn": report.ran_on.isoformat()}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


_LEVELS = {Verdict.BREACH: "error", Verdict.WARNING: "warning"}


def _at(of: Any) -> tuple[str, ...]:
    """Return what a finding and its change have in common."""
    rule = of.rule.removeprefix(f"{of.pack}:")
    return (of.pack, rule, of.owner, of.place, of.item or "", str(of.date))


def _invocation(report: Report, count: int) -> dict[str, Any]:
    found: dict[str, Any] = {"executionSuccessful": True, "exitCode": report.exit_code}
    hidden = count - MOST_RESULTS
    notes = [{"level": "error", "message": {"text": terminal(one)}} for one in no_plan(report)]
    if hidden > 0:
        text = f"{hidden} more results are left out here; --output json has all of them"
        notes.append({"level": "warning", "message": {"text": text}})
    return {**found, "toolExecutionNotifications": notes} if notes else found


def _rules(report: Report) -> list[dict[str, Any]]:
    """Return every rule that was judged, by its id."""
    rules: dict[str, Finding] = {}
    for finding in report.findings:
        rules.setdefault(rule_id(finding), finding)
    return [_rule(one, rules[one]) for one in sorted(rules)]


def _rule(name: str, finding: Finding) -> dict[str, Any]:
    says = [f"{terminal(finding.title)}.", f"Source: {terminal(source(finding))}."]
    help_text = [*([f"Fix: {terminal(finding.fix)}."] if finding.fix else []), *says[1:]]
    return {
        "id": name,
        "name": finding.key.rule,
        "shortDescription": {"text": terminal(finding.title)},
        "fullDescription": {"text": " ".join(says)},
        "help": {"text": "\n".join(help_text)},
        "defaultConfiguration": {"level": "error"},
        "properties": {"codified": finding.codified, "enforced": finding.enforced},
    }


def _result(same: list[Finding], report: Report, rule: int, was_worse: bool) -> dict[str, Any]:
    first = same[0]
    main, *others = places(first, report)
    text = message(same)
    if first.fix:
        text += f"\nFix: {terminal(first.fix)}"
    result: dict[str, Any] = {
        "ruleId": rule_id(first),
        "ruleIndex": rule,
        "level": _LEVELS[first.verdict],
        "message": {"text": text},
        "locations": [_location(*main)],
        "partialFingerprints": {FINGERPRINT: first.key.fingerprint},
    }
    if others:
        result["relatedLocations"] = [
            {"id": number, **_location(*one)} for number, one in enumerate(others, 1)
        ]
    if report.compared_with is not None or first.known:
        updated = "updated" if was_worse else "new"
        result["baselineState"] = "unchanged" if first.known else updated
    if first.waived:
        why = {"justification": terminal(first.reason)} if first.reason else {}
        result["suppressions"] = [{"kind": "external", "status": "accepted", **why}]
    return result


def _location(file: str, line: int) -> dict[str, Any]:
    uri = quote(path_text(file), safe="/", errors="backslashreplace")
    # Two slashes at its beginning would make a path the name of a host.
    uri = f"file://{uri}" if uri.startswith("/") else uri
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}},
    }
