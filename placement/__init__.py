"""Decide where AI chips may stand: exact compliance checks and optimal layouts.

Everything here is loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placement.api import accounts as accounts
    from placement.api import advance as advance
    from placement.api import check as check
    from placement.api import headroom as headroom
    from placement.api import load as load
    from placement.api import load_problem as load_problem
    from placement.api import optimize as optimize
    from placement.errors import Fault as Fault
    from placement.errors import InputError as InputError
    from placement.errors import NothingEvaluatedError as NothingEvaluatedError
    from placement.errors import PlacementError as PlacementError
    from placement.errors import PolicyError as PolicyError
    from placement.errors import UsageError as UsageError
    from placement.optimization.plan import Plan as Plan
    from placement.policy import load_policy as load_policy
    from placement.report import Finding as Finding
    from placement.report import Report as Report

_HOME = {
    "Finding": "placement.report",
    "InputError": "placement.errors",
    "NothingEvaluatedError": "placement.errors",
    "PlacementError": "placement.errors",
    "Plan": "placement.optimization.plan",
    "PolicyError": "placement.errors",
    "Fault": "placement.errors",
    "Report": "placement.report",
    "UsageError": "placement.errors",
    "accounts": "placement.api",
    "advance": "placement.api",
    "check": "placement.api",
    "headroom": "placement.api",
    "load": "placement.api",
    "load_problem": "placement.api",
    "load_policy": "placement.policy",
    "optimize": "placement.api",
}

#: Names of before, which go on to work.
_FORMER = {"Problem": "Fault"}

__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("placement")
    today = _FORMER.get(name, name)
    if today not in _HOME:
        raise AttributeError(f"module 'placement' has no attribute {name!r}")
    value = getattr(import_module(_HOME[today]), today)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
