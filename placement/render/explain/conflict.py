"""Why no plan exists, as text and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from placement.enums import PlanStatus
from placement.render.formats.escape import terminal

if TYPE_CHECKING:
    from placement.optimization.plan import Plan
    from placement.report import PlanInfo

_WITHOUT = {
    PlanStatus.INFEASIBLE: "no plan exists",
    PlanStatus.STOPPED: "neither a plan nor a proof that there is none was found",
}


def text(plan: Plan) -> str:
    """Return whether there is a plan, and what conflicts where there is none."""
    said = _WITHOUT.get(plan.search.status, "a plan exists: nothing conflicts")
    info = plan.report.plan
    if info is None or plan.conflict is None:
        return f"{said}\n"
    return f"{said}: {terminal(info.owner)} in {info.period}\n\n{block(plan, info)}\n"


def to_json(plan: Plan) -> str:
    """Return the same as JSON."""
    info = plan.report.plan
    found = plan.conflict
    content = {
        "schema": "placement.conflict/1",
        "status": plan.search.status.value,
        "missing": list(info.missing) if info is not None else [],
        "conflict": [
            {
                "name": part.name,
                "kind": part.kind.value,
                "suffices": part.suffices,
                "sentence": sentence,
            }
            for part, sentence in (
                zip(found.parts, found.sentences(), strict=True) if found is not None else ()
            )
        ],
        "irreducible": found.irreducible if found is not None else None,
        "proven": plan.certificate is not None,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def block(plan: Plan, info: PlanInfo) -> str:
    """Return what cannot hold together, and who says so."""
    conflict = plan.conflict
    sure = conflict is not None and conflict.each_helps
    lines = [terminal(said) for said in info.missing]
    lines += [""] if lines else []
    lines += ["These cannot hold together" + (", but could without any one:" if sure else ":")]
    lines += [f"  {terminal(sentence)}" for sentence in info.conflict]
    lines += [f"  besides: {terminal(sentence)}" for sentence in (*plan.overfull, *plan.late)]
    if plan.certificate is not None:
        lines.append("  proven in exact arithmetic")
    else:
        lines.append(f"  by the word of {terminal(info.solver)}: whole units leave nothing")
    return "\n".join(lines)
