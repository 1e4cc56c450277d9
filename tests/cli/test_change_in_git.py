"""A repository with a planned deployment, from pull request to pull request, as CI runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compliance.terms.fleets import PACK, TODAY, fleet
from tests.support.forked_cli import placement_run
from tests.support.scratch_git import Repository

CONFIG = f'[placement]\npolicy = "{PACK}"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """`main` has 50 in Malaysia, which is allowed; the branch `change` begins there."""
    made = Repository.make(tmp_path / "repo")
    fleet(made.folder, "inventory.csv", 50)
    made.commit("first", {"placement.toml": CONFIG})
    made.git("switch", "--quiet", "--create", "change")
    return made


def merged(repository: Repository) -> None:
    """Merge the change, and begin another one."""
    repository.commit("change")
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "change")
    repository.git("switch", "--quiet", "change")


def check(repository: Repository, *words: str, today: str = TODAY) -> tuple[int, str]:
    ran = placement_run(repository.folder, "check", "inventory.csv", "--today", today, *words)
    assert (ran.stderr == "") is (ran.returncode != 2), ran.stderr
    return ran.returncode, ran.stdout + ran.stderr


def test_pull_requests(repository: Repository) -> None:
    """Pass; a new breach; merged all the same, it blocks no unrelated change; worse fails."""
    folder, base = repository.folder, ("--base-ref", "main")
    fleet(folder, "inventory.csv", 60)
    code, said = check(repository, *base)
    assert (code, "no limit was broken, mended or made worse" in said) == (0, True)

    fleet(folder, "inventory.csv", 100)
    code, said = check(repository, *base)
    assert code == 1
    line = "  BROKEN: basic.single_country: Acme in MY on 2026-12-01: 5.26 % -> 10.00 %"
    assert line in said.splitlines()
    merged(repository)

    fleet(folder, "inventory.csv", 100, "Acme,jp-1,JP,H100 SXM,10,installed,,")
    code, said = check(repository, *base)
    assert (code, "known before and no worse, so no failure: 1" in said) == (0, True)
    assert check(repository)[0] == 1  # by itself it is a breach
    code, said = check(repository, *base, "--only-new")
    assert (code, "left out: 1 finding that was known" in said) == (0, True)
    assert "BREACH basic" not in said

    fleet(folder, "inventory.csv", 101)
    code, said = check(repository, *base)
    assert (code, "  STILL BROKEN, worse: basic.single_country: Acme in MY" in said) == (1, True)
    assert check(repository, *base, "--exit-zero")[0] == 0

    fleet(folder, "inventory.csv", 60)
    code, said = check(repository, *base)
    assert (code, "  FIXED: basic.single_country: Acme in MY" in said) == (0, True)


def test_a_day_later_nothing_is_new(repository: Repository) -> None:
    later = "Acme,my-1,MY,H100 SXM,20,ordered,2027-01-31,"
    fleet(repository.folder, "inventory.csv", 100, later)
    merged(repository)
    for today in ("2026-12-01", "2026-12-02", "2027-01-31", "2027-02-01", "2027-02-02"):
        assert check(repository, "--base-ref", "main", today=today)[0] == 0


def test_a_breach_is_waived_until_a_day(repository: Repository) -> None:
    """A waiver is written, merged, holds day after day, is exceeded, and expires."""
    folder = repository.folder
    later = "Acme,my-1,MY,H100 SXM,20,ordered,2027-01-31,"
    fleet(folder, "inventory.csv", 100, later)
    words = [
        "--from-breaches", "--expires", "2027-03-31", "--reason", "moves out", "--author", "A",
        "--today", TODAY,
    ]  # fmt: skip
    write = ["waiver", "write", "inventory.csv", *words]
    ran = placement_run(folder, *write, "--approver", "a")
    assert (ran.returncode, "author and approver are one" in ran.stderr) == (2, True)
    assert not (folder / "waivers.toml").exists()
    ran = placement_run(folder, *write, "--approver", "B")
    # 120 of 1,020, rounded up in the sixth digit.
    said = f"waivers.toml: 1 waiver\n{PACK}:basic.single_country: Acme in MY, up to 11.7648 %\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, said, "")
    merged(repository)
    for today in ("2026-12-01", "2026-12-02", "2027-01-31", "2027-02-01", "2027-02-02"):
        code, said = check(repository, today=today)
        assert (code, "WAIVED basic.single_country: Acme in MY" in said) == (0, True), today
        assert "waived until 2027-03-31, approved by B: moves out (up to 11.7648 %)" in said
    code, said = check(repository, today="2027-04-01")
    assert (code, "the waiver of waivers.toml:1 expired on 2027-03-31" in said) == (1, True)
    # To a change that has nothing to do with it, what has expired is an old breach.
    assert check(repository, "--base-ref", "main", today="2027-04-01")[0] == 0
    fleet(folder, "inventory.csv", 121)
    code, said = check(repository)
    assert (code, "beyond the waiver of waivers.toml:1, which allows at most" in said) == (1, True)
    fleet(folder, "inventory.csv", 50)
    code, said = check(repository)
    assert (code, "A waiver that waives nothing" in said) == (0, True)
    assert check(repository, "--fail-on", "warning")[0] == 1
    ran = placement_run(folder, *write, "--approver", "B")
    assert (ran.returncode, "is there already" in ran.stderr or "input" in ran.stderr) == (2, True)


def test_github_names_the_branch(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet(repository.folder, "inventory.csv", 100)
    merged(repository)
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    code, said = check(repository)
    assert (code, "against main (" in said) == (0, True)
    # As a runner has it: the branch is known of the remote only, and that is asked first.
    repository.git("update-ref", "refs/remotes/origin/main", "main")
    repository.git("branch", "--quiet", "--delete", "--force", "main")
    code, said = check(repository)
    assert (code, "against origin/main (" in said) == (0, True)
    monkeypatch.setenv("GITHUB_BASE_REF", "release")
    code, said = check(repository)
    assert code == 2
    assert said == (
        "error: 'release': git knows no such ref; let the checkout have the history: "
        "fetch-depth: 0 (or git fetch --unshallow)\n"
    )
    # What is given wins, and what no git knows has no base.
    assert check(repository, "--base", "inventory.csv")[0] == 0
    outside = fleet(repository.folder.parent, "lots.csv", 60)
    ran = placement_run(outside.parent, "check", "lots.csv", "--policy", PACK, "--today", TODAY)
    assert (ran.returncode, "against" in ran.stdout) == (0, False)


def test_what_cannot_be_a_base(repository: Repository) -> None:
    for words, said in (
        (("--base", "gone.csv"), "in the base gone.csv: "),
        (("--base", "inventory.csv", "--base-ref", "main"), "base and base_ref exclude each other"),
        (("--base-ref", "gone"), "git knows no such ref"),
    ):
        code, text = check(repository, *words)
        assert (code, said in text) == (2, True), text
    ran = placement_run(
        repository.folder, "check", "-", "--base-ref", "main", "--policy", PACK,
        stdin=(repository.folder / "inventory.csv").read_text(),
    )  # fmt: skip
    assert (ran.returncode, "git knows files only" in ran.stderr) == (2, True)


def test_an_output_never_replaces_a_base(repository: Repository) -> None:
    before = fleet(repository.folder, "old.csv", 50)
    text = before.read_bytes()
    code, said = check(repository, "--base", "old.csv", "--output", "json=./old.csv")
    assert (code, "would replace an input, old.csv" in said) == (2, True)
    assert before.read_bytes() == text
