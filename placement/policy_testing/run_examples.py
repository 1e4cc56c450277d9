"""Run the examples beside the rules of a pack: each becomes files, which `check` judges."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from placement import api
from placement.enums import Verdict
from placement.errors import Fault, InputError, NothingEvaluatedError
from placement.policy.examples import Example
from placement.policy.load import PackFile, read_pack
from placement.policy.rules import AnyRule
from placement.policy.validation.cross_references import cases_missing
from placement.policy.validation.pydantic_faults import problem_at
from placement.policy_testing.example_tables import Tables, tables_of
from placement.report import Finding

#: Kinds whose examples at the limit must stand exactly on it.
_EXACT = ("share", "cap", "ratio", "finetune")
_WORST_FIRST = (Verdict.BREACH, Verdict.WARNING, Verdict.OK)


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that did not come out as its author said."""

    example: Example
    got: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What the examples of one rule came to; `missing` are the cases it has no example of."""

    rule: str
    count: int
    failures: tuple[Failure, ...]
    missing: tuple[str, ...]

    @property
    def is_ok(self) -> bool:
        """Whether every case has an example, and each came out as expected."""
        return not self.failures and not self.missing


def run_examples(file: PackFile) -> list[RuleResult]:
    """Run every example of a pack; PolicyError, or InputError for examples that cannot be read.

    An example that cannot be read is told with the pack's file and the line of its rule.
    """
    policy = read_pack(file)
    problems: list[Fault] = []
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for index, rule in enumerate(policy.pack.rules):
            failures = []
            for number, example in enumerate(rule.examples):
                try:
                    got = _judge(rule, example, file.name, Path(folder))
                except InputError as error:
                    where = ("rules", index, "examples", number)
                    problems += [
                        problem_at(where, f"{_shown(problem)}", problem.fix, file.text, file.name)
                        for problem in error.problems
                    ]
                    continue
                if got is not None:
                    failures.append(Failure(example, got))
            missing = tuple(cases_missing(rule))
            results.append(RuleResult(rule.id, len(rule.examples), tuple(failures), missing))
    if problems:
        raise InputError(problems)
    return results


def _judge(rule: AnyRule, example: Example, policy: str, folder: Path) -> str | None:
    """Return what came out where it is not what was expected, None where it is."""
    tables = tables_of(example)
    _write(tables, example.groups, folder)
    try:
        report = api.check(
            folder / "inventory.csv" if "inventory" in tables else None,
            policy=policy,
            options=example.options,
            as_of=example.on,
            # Everything else lies beside it, under its usual name.
            config=folder / "placement.toml",
        )
    except NothingEvaluatedError as error:
        if example.expected == Verdict.NOT_APPLICABLE:
            return None
        reasons = [line.strip() for line in str(error).splitlines()[1:]]
        return f"nothing was judged: {'; '.join(reasons)}"
    return _compare(
        rule, example, [finding for finding in report.findings if finding.rule == rule.id]
    )


def _compare(rule: AnyRule, example: Example, found: Sequence[Finding]) -> str | None:
    here = [one for one in found if example.place in (None, one.place)]
    judged = [one for one in here if one.verdict is not Verdict.NOT_APPLICABLE]
    if not judged and example.expected == Verdict.NOT_APPLICABLE:
        return None
    if not judged:
        where = f" in {example.place}" if example.place is not None and not here else ""
        reasons = dict.fromkeys(one.reason or "" for one in here or found)
        return f"nothing was judged{where}: {'; '.join(reasons) or 'no finding'}"
    worst = min(judged, key=lambda one: _WORST_FIRST.index(one.verdict))
    if worst.verdict != example.expected:
        return f"{worst.verdict.value} ({_figures(worst)})"
    if example.case == "at_limit" and rule.kind in _EXACT and not any(map(_is_at_limit, judged)):
        return f"{worst.verdict.value}, and not exactly at the limit ({_figures(worst)})"
    return None


def _is_at_limit(finding: Finding) -> bool:
    return finding.numerator is not None and finding.limit is not None and not finding.excess


def _figures(finding: Finding) -> str:
    """Say what a verdict rests on."""
    parts = [f"{finding.owner} in {finding.place}"]
    if finding.numerator is not None:
        whole = f" of {finding.denominator}" if finding.denominator is not None else ""
        limit = f", limit {finding.comparison} {finding.limit}"
        parts.append(f"{finding.numerator}{whole} {finding.unit}{limit}")
    if finding.reason:
        parts.append(finding.reason)
    return "; ".join(parts)


def _shown(problem: Fault) -> str:
    """Tell a problem of the files made from an example without naming those files."""
    what = [problem.column, None if problem.value is None else repr(problem.value)]
    head = " ".join(part for part in what if part is not None)
    return f"{head}: {problem.message}" if head else problem.message


def _write(tables: Tables, groups: Mapping[str, Sequence[str]], folder: Path) -> None:
    """Write the tables of one example, and take away those of the one before."""
    for old in folder.iterdir():
        old.unlink()
    listed = [f"{name} = {json.dumps(codes)}" for name, codes in groups.items()]
    text = "\n".join(["[policy.groups]", *listed]) if listed else ""
    (folder / "placement.toml").write_text(text, "utf-8")
    for name, rows in tables.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(columns), restval="")
            writer.writeheader()
            writer.writerows(rows)
