"""The code quality report of GitLab: one entry for each breach and warning that is not waived.

GitLab compares it with that of the target branch by fingerprint, so what was known from before is
in it, too.
"""

from __future__ import annotations

import json

from placement.enums import Verdict
from placement.render.formats.escape import terminal
from placement.render.formats.findings import (
    by_key,
    first_file,
    message,
    no_plan,
    no_plan_key,
    path_text,
    places,
    rule_id,
    told,
)
from placement.render.formats.options import FormatOptions
from placement.report import Finding, Report


def code_quality(report: Report, options: FormatOptions) -> str:  # noqa: ARG001 - all take them
    """Return the report as a code quality report."""
    entries = []
    for key, same in by_key(told(report.findings)).items():
        main = places(same[0], report)[0]
        entries.append(
            {
                "description": message(same),
                "check_name": rule_id(same[0]),
                "fingerprint": key.fingerprint,
                "severity": _severity(same[0]),
                "location": {"path": path_text(main.file), "lines": {"begin": main.line}},
            }
        )
    if no_plan(report):
        entries.append(
            {
                "description": terminal("; ".join(no_plan(report))),
                "check_name": "placement:plan",
                "fingerprint": no_plan_key(report).fingerprint,
                "severity": "critical",
                "location": {"path": path_text(first_file(report)), "lines": {"begin": 1}},
            }
        )
    return json.dumps(entries, indent=2) + "\n"


def _severity(finding: Finding) -> str:
    """Return the word of GitLab: critical is what is enforced."""
    if finding.verdict is Verdict.WARNING:
        return "minor"
    return "critical" if finding.enforced else "major"
