"""JUnit XML as Jenkins and GitLab read it: a suite for each pack, a case for each finding's key.

A breach is a failure; what is waived, known from before or not applicable was skipped, and says so:
it neither failed nor passed. A warning is a failure where it alone fails the run, else a passing
case that says it.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from placement.enums import Verdict
from placement.finding import FindingKey
from placement.render.formats.escape import xml_name
from placement.render.formats.findings import by_key, message, no_plan, no_plan_key, places, source
from placement.render.formats.options import FormatOptions
from placement.report import Finding, Report


def junit(report: Report, options: FormatOptions) -> str:  # noqa: ARG001 - all formats take them
    """Return the report as JUnit XML."""
    root = Element("testsuites", name="placement")
    packs = report.packs or (report.pack,)
    suites = {one.id: _suite(root, f"{one.id} {one.version}") for one in packs}
    for key, same in by_key(report.findings).items():
        _case(suites[key.pack], key, same, report)
    why = [xml_name(line) for line in no_plan(report)]
    if why:
        suite = suites[packs[0].id]
        name = ", ".join(filter(None, no_plan_key(report)[2:]))
        case = SubElement(suite, "testcase", classname="placement.plan", name=xml_name(name))
        SubElement(case, "failure", type="plan", message=why[0]).text = "\n".join(why)
    for suite in (*suites.values(), root):
        suite.set("tests", str(len(suite.findall(".//testcase"))))
        suite.set("failures", str(len(suite.findall(".//failure"))))
        suite.set("errors", "0")
    for suite in suites.values():
        suite.set("skipped", str(len(suite.findall(".//skipped"))))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, name: str) -> Element:
    return SubElement(root, "testsuite", name=xml_name(name))


def _case(suite: Element, key: FindingKey, same: list[Finding], report: Report) -> None:
    name = ", ".join(filter(None, (key.owner, key.place, key.item, key.when)))
    case = SubElement(
        suite, "testcase", classname=xml_name(f"{key.pack}.{key.rule}"), name=xml_name(name)
    )
    first = same[0]
    text = xml_name(message(same, str))
    if first.verdict is Verdict.NOT_APPLICABLE:
        SubElement(case, "skipped", message=xml_name(f"not applicable: {first.reason or ''}"))
    elif first.verdict is Verdict.OK:
        return
    elif not first.fails:
        why = (first.reason or "waived") if first.waived else "known from before and no worse"
        SubElement(case, "skipped", message=xml_name(why))
        SubElement(case, "system-out").text = text
    elif first.verdict is Verdict.BREACH or _warnings_fail(report):
        lines = [text, *(f"{one.file}:{one.line}" for one in places(first, report))]
        lines += [*([f"fix: {first.fix}"] if first.fix else []), f"source: {source(first)}"]
        told = SubElement(case, "failure", type=first.verdict.value, message=text.split("\n")[0])
        told.text = xml_name("\n".join(lines))
    else:
        SubElement(case, "system-out").text = f"warning: {text}"


def _warnings_fail(report: Report) -> bool:
    """Tell whether warnings fail the run; where breaches do, too, nobody can know."""
    return report.verdict is Verdict.WARNING and report.exit_code == 1
