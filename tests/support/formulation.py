"""The formulation page: the first words of each constraint, objective and rule kind, put together.

python -m tests.support.formulation        writes docs/formulation.md
"""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "formulation.md"
MODEL = "optimization/model"

PARTS = (
    ("Sets and variables", (f"{MODEL}/sets", f"{MODEL}/variables")),
    (
        "Constraints",
        tuple(
            f"{MODEL}/constraints/{name}"
            for name in (
                "stock_balance", "supply", "moves", "channels", "capacity", "overfull",
                "commitments", "budgets", "demand", "rules", "in_transit", "departed",
            )
        ),
    ),
    ("What a share is measured against", (f"{MODEL}/credit/share_credit",)),
    (
        "Objectives",
        tuple(f"{MODEL}/objectives/{name}" for name in ("tiers", "changes", "violation")),
    ),
    (
        "Rules",
        (
            "policy/row",
            *(
                f"policy/rules/{name}"
                for name in (
                    "share", "cap", "prohibition", "ratio", "notice", "duty", "storage", "finetune",
                )
            ),
        ),
    ),
    ("How the relaxation is solved", ("solvers/column_generation", "solvers/aggregation")),
)  # fmt: skip

HEAD = """\
# The program

What `placement optimize` solves, family by family. This page is made of the first words of the
modules that write each family (`python -m tests.support.formulation`), so it says what the code
says. Everything is in integers: units, thousandths of a TPP, micro-units of the currency.
"""


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for title, modules in PARTS:
        parts.append(f"## {title}\n")
        parts += [section(module) for module in modules]
    return "\n".join(parts)


def section(module: str) -> str:
    """Return the words of one module, formulas as blocks."""
    path = ROOT / "placement" / f"{module}.py"
    words = ast.get_docstring(ast.parse(path.read_text("utf-8")), clean=False) or ""
    title, _, rest = words.partition("\n")
    name = path.stem.replace("_", " ")
    blocks = [_block(one) for one in rest.strip("\n").split("\n\n") if one.strip()]
    source = f"`placement/{module}.py`"
    return "\n\n".join([f"### {name[0].upper()}{name[1:]}", title, *blocks, source]) + "\n"


def _block(text: str) -> str:
    """Return a paragraph, or a formula in a code block where it is indented."""
    if text.startswith("    "):
        return f"```text\n{textwrap.dedent(text)}\n```"
    return text


def main() -> None:
    """Write the page."""
    Path(PAGE).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
