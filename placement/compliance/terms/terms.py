"""On which terms a run passes: what it is compared with, what is waived, what fails it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.compliance.dates import Day
from placement.compliance.terms.tight_limits import warned
from placement.enums import Verdict
from placement.policy import Policy
from placement.report import Report, exit_code, overall
from placement.waivers.decide import unmatched, with_waivers
from placement.waivers.records import Waiver

if TYPE_CHECKING:
    from placement.compliance.terms.base import Base
    from placement.compliance.terms.baseline import Baseline


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a run passes.

    `base`: the fleet that the change was made from; what it has, too, and is no worse does not
    fail; `baseline`: the same of what was recorded; `waivers`: what is allowed. `fail_on`: the
    least verdict that fails. `warn_headroom`: the part of a limit of which less is a warning, as
    1/10; None: none is.
    """

    base: Base | None = None
    baseline: Baseline | None = None
    waivers: tuple[Waiver, ...] = ()
    fail_on: Verdict = Verdict.BREACH
    warn_headroom: Fraction | None = None

    @property
    def failing(self) -> frozenset[Verdict]:
        """The verdicts that fail a run."""
        return frozenset({Verdict.BREACH, self.fail_on})

    def settle(
        self,
        report: Report,
        policies: Sequence[Policy],
        days: Callable[[Policy], Sequence[Day]],
        *,
        plans: bool = True,
        ran_on: date,
    ) -> Report:
        """Return a report with its verdict and exit code on these terms.

        `days` are those on which each policy judged, `ran_on` that of the run. InputError where the
        base cannot be judged.
        """
        findings = warned(report.findings, self.warn_headroom)
        findings = with_waivers(findings, self.waivers, ran_on)
        made = report.model_copy(update={"findings": findings})
        if self.base is not None:
            from placement.compliance.terms.changes import compared

            found, why = self.base.findings(policies, days, plans=plans)
            before = warned(found, self.warn_headroom)
            made = compared(made, before, self.base.name, self.failing)
            if why:
                made = made.model_copy(update={"notes": (why, *made.notes)})
        if self.baseline is not None:
            standings = self.baseline.standings(made.findings)
            said = (f"known breaches from {self.baseline.file}, of {self.baseline.recorded}",)
            told = {
                "findings": standings.findings,
                "assumptions": (*made.assumptions, *said),
                "notes": (*standings.notes(), *made.notes),
            }
            made = made.model_copy(update=told)
        unused = unmatched(made.findings, self.waivers, ran_on)
        made = made.model_copy(update={"findings": (*made.findings, *unused)})
        verdict = overall(made.findings)
        code = exit_code(verdict, fail_on=self.fail_on)
        return made.model_copy(update={"verdict": verdict, "exit_code": code})


PLAIN_TERMS = Terms()
