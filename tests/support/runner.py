"""A runner of composite actions, as far as ours needs one, and what stands for Python and `gh`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")

#: Stands for Python: makes an environment with a `placement` that does what the test says.
PYTHON = """\
#!{python}
import os, sys, json, pathlib
home = pathlib.Path(os.environ["RUNNER_TEMP"]) / "placement-action" / "bin"
with open(os.environ["LOG"], "a") as log:
    log.write(json.dumps(["python", *sys.argv[1:]]) + "\\n")
if sys.argv[1:3] == ["-m", "venv"]:
    home.mkdir(parents=True)
    for name in ("python", "placement"):
        source = pathlib.Path(os.environ["FAKES"]) / name.replace("python", "python3")
        (home / name).write_text(source.read_text())
        (home / name).chmod(0o755)
elif sys.argv[1] == "-c":
    exec(sys.argv[2])
"""

PLACEMENT = """\
#!{python}
import os, sys, json, pathlib
with open(os.environ["LOG"], "a") as log:
    log.write(json.dumps(["placement", *sys.argv[1:]]) + "\\n")
for word in sys.argv:
    kind, _, path = word.partition("=")
    if path and kind in ("sarif", "markdown"):
        pathlib.Path(path).write_text(os.environ.get("WRITES", kind))
print("BREACH in MY")
sys.exit(int(os.environ["EXITS"]))
"""

#: Stands for `gh api`: comments are in a JSON file; jq itself runs what is asked of them.
GH = """\
#!{python}
import json, os, pathlib, subprocess, sys
args = sys.argv[1:]
with open(os.environ["LOG"], "a") as log:
    log.write(json.dumps(["gh", *args]) + "\\n")
assert args[0] == "api" and os.environ["GH_TOKEN"] == "secret"
if os.environ.get("FORBIDDEN"):
    sys.exit("gh: Resource not accessible by integration (HTTP 403)")
store = pathlib.Path(os.environ["COMMENTS"])
comments = json.loads(store.read_text())
if "--jq" in args:
    query = args[args.index("--jq") + 1]
    ran = subprocess.run(["jq", "-r", query], input=json.dumps(comments), text=True,
                         capture_output=True, check=True)
    print(ran.stdout, end="")
    sys.exit()
method = args[args.index("--method") + 1]
path = args[args.index("--method") + 2]
name, _, file = args[args.index("--field") + 1].partition("=@")
assert name == "body"
body = pathlib.Path(file).read_text()
if method == "POST":
    assert path == "repos/o/r/issues/7/comments"
    comments.append({{"id": 100 + len(comments), "user": {{"login": "github-actions[bot]"}},
                     "body": body}})
else:
    (hit,) = [one for one in comments if path.endswith(f"/comments/{{one['id']}}")]
    hit["body"] = body
store.write_text(json.dumps(comments))
"""


@dataclass(slots=True)
class Runner:
    """Runs the steps of an action in a folder, with stand-ins for what is outside of it."""

    action: Path
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write the stand-ins."""
        fakes = self.folder / "fakes"
        fakes.mkdir()
        for name, text in (("python3", PYTHON), ("placement", PLACEMENT), ("gh", GH)):
            (fakes / name).write_text(text.format(python=sys.executable))
            (fakes / name).chmod(0o755)
        event = self.folder / "event.json"
        event.write_text('{"pull_request": {"number": 7}}')
        self.env = {
            "PATH": f"{fakes}:{os.environ['PATH']}",
            "FAKES": str(fakes),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "GITHUB_ACTION_PATH": str(self.action.parent),
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_ACTIONS": "true",
            "LOG": str(self.folder / "log"),
            "COMMENTS": str(self.folder / "comments.json"),
            "EXITS": "0",
        }
        (self.folder / "comments.json").write_text("[]")

    def run(self, **inputs: str) -> tuple[int, Mapping[str, str], str]:
        """Return the exit code of the action, its outputs, and all that was printed."""
        tree: dict[str, Any] = yaml.safe_load(self.action.read_text("utf-8"))
        values = {
            f"inputs.{name}": inputs.get(name.replace("-", "_"), one.get("default", ""))
            for name, one in tree["inputs"].items()
        }
        values["inputs.token"] = "secret"
        printed = []
        for step in tree["runs"]["steps"]:
            if "if" in step and not self._is_true(step["if"], values):
                continue
            out = self.folder / "output"
            out.write_text("")
            given = {name: self._filled(text, values) for name, text in step["env"].items()}
            ran = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.folder,
                env={**self.env, **given, "GITHUB_OUTPUT": str(out)},
                capture_output=True,
                text=True,
                check=False,
            )
            printed.append(ran.stdout + ran.stderr)
            for line in out.read_text().splitlines():
                name, _, value = line.partition("=")
                values[f"steps.{step['id']}.outputs.{name}"] = value
            if ran.returncode:
                return ran.returncode, self._outputs(tree, values), "".join(printed)
        return 0, self._outputs(tree, values), "".join(printed)

    def _outputs(self, tree: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
        return {name: self._filled(one["value"], values) for name, one in tree["outputs"].items()}

    def _filled(self, text: str, values: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda found: values.get(found[1], ""), text)

    def _is_true(self, text: str, values: Mapping[str, str]) -> bool:
        """Tell whether all of `a == 'b'` and `a != 'b'` hold."""
        found = _EXPRESSION.fullmatch(text)
        assert found is not None
        for part in found[1].split("&&"):
            name, sign, wanted = re.fullmatch(r"(\S+) (==|!=) '(.*)'", part.strip()).groups()  # type: ignore[union-attr]
            if (values.get(name, "") == wanted) is not (sign == "=="):
                return False
        return True
