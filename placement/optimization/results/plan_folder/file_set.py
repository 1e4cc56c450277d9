"""The files of a plan as one set: the report names the others, each with its SHA-256.

They are renamed into their folder one by one, the report last. A run that is killed in between
leaves files without a report; files of two plans, however they came together, are told by the
digests. Such a folder is refused, never read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from placement.errors import Fault, InputError
from placement.readers.formats.csv_records import printable
from placement.readers.plan_layouts import LAYOUT
from placement.text.atomic_files import locked

REPORT, ACTIONS, SITE_PERIODS = "report.json", "actions.csv", "site_periods.csv"
NEEDED = (REPORT, LAYOUT, ACTIONS)

NO_PLAN = "name a folder that `placement optimize --out` wrote"
_AGAIN = "run `placement optimize` again, which writes all of them"

_Name = Annotated[str, StringConstraints(pattern=r"^[\w-][\w.-]*$")]


class _Report(BaseModel):
    """A report as far as it names the files that belong to it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    files: dict[_Name, str] | None = None


@dataclass(frozen=True, slots=True)
class PlanSet:
    """What stands in the files of a plan, by their names, the report's among them.

    `name` is the folder as it is shown. `is_vouched`: the report says which files are its own, and
    these are they; one of an earlier version does not say it.
    """

    name: str
    contents: Mapping[str, bytes]
    is_vouched: bool

    def file(self, name: str) -> str:
        """Return the path of a file, as it is shown."""
        return str(Path(self.name) / name)


def digests(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of each text as it is written, in hexadecimal digits, by name."""
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}


def read_plan_set(folder: str | Path) -> PlanSet:
    """Read the files of a plan, all at one moment.

    InputError where the folder holds no plan, or files that are not of one run.
    """
    folder = Path(folder)
    name = printable(str(folder))
    if not folder.is_dir():
        said = "is a file, not the folder of a plan" if folder.exists() else "no such folder"
        raise InputError(Fault(said, NO_PLAN, name))
    try:
        with locked(folder, shared=True):
            return _read(folder, name)
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
        where = folder if error.filename is None else error.filename
        raise InputError(Fault(said, NO_PLAN, printable(str(where)))) from None


def _read(folder: Path, name: str) -> PlanSet:
    missing = [one for one in NEEDED if not (folder / one).is_file()]
    if missing:
        message = f"holds no plan: there is no {' and no '.join(missing)}"
        if missing == [REPORT]:
            message = "holds no whole plan: the run that wrote its tables left no report.json"
        raise InputError(Fault(message, _AGAIN if missing == [REPORT] else NO_PLAN, name))
    report = (folder / REPORT).read_bytes()
    named = _named(report, printable(str(folder / REPORT)))
    contents = {one: (folder / one).read_bytes() for one in NEEDED}
    faults = []
    for one, digest in (named or {}).items():
        path = folder / one
        if not path.is_file():
            said = "is not there, and report.json says that it belongs to the plan"
            faults.append(Fault(said, _AGAIN, printable(str(path))))
            continue
        contents.setdefault(one, path.read_bytes())
        if hashlib.sha256(contents[one]).hexdigest() != digest:
            said = (
                "is not the file that belongs to report.json: it was changed, or is of another run"
            )
            faults.append(Fault(said, _AGAIN, printable(str(path))))
    if faults:
        raise InputError(faults)
    contents[REPORT] = report
    return PlanSet(name, contents, named is not None)


def _named(report: bytes, name: str) -> dict[str, str] | None:
    """Return the digests that a report gives, None where it gives none."""
    try:
        return _Report.model_validate_json(report).files
    except ValidationError as error:
        raise InputError(report_faults(error, name)) from None


def report_faults(error: ValidationError, name: str) -> list[Fault]:
    """Return what is wrong with a report, each fault with the key it is about."""
    faults = []
    for one in error.errors():
        where = ".".join(map(str, one["loc"]))
        if one["loc"] in ((), ("schema",)):
            message = "is no report of a plan"
        else:
            message = f"{where}: {one['msg']}"
        faults.append(Fault(message, NO_PLAN, name))
    return faults
