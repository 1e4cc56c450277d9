"""A base out of git: the inventory and its tables as they were where HEAD left a ref."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import placement
from placement.enums import Outcome
from placement.errors import InputError, UsageError
from placement.report import Report
from tests.compliance.terms.fleets import HEADER, PACK, TODAY, fleet
from tests.support.scratch_git import Repository

CONFIG = f'[placement]\npolicy = "{PACK}"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """`main` has 100 in Malaysia, a breach; the branch `change` begins there."""
    made = Repository.make(tmp_path / "repo")
    fleet(made.folder / "fleet", "inventory.csv", 100)
    made.commit("first", {"fleet/placement.toml": CONFIG, "README": "x"})
    made.git("switch", "--quiet", "--create", "change")
    return made


def check(repository: Repository, ref: str | list[str] = "main", **given: object) -> Report:
    path = repository.folder / "fleet" / "inventory.csv"
    named = {"today": TODAY, "base_ref": ref, **given}
    return placement.check(path, **named)  # type: ignore[arg-type]


def outcomes(report: Report) -> list[tuple[Outcome, bool]]:
    return [(one.outcome, one.worse) for one in report.changes if one.place == "MY"]


def test_what_is_judged_is_the_file_as_it_is(repository: Repository) -> None:
    assert outcomes(check(repository)) == [(Outcome.STILL_BROKEN, False)]
    fleet(repository.folder / "fleet", "inventory.csv", 110)  # not even committed
    made = check(repository)
    assert outcomes(made) == [(Outcome.STILL_BROKEN, True)]
    sha = repository.git("rev-parse", "main")[:12]
    assert made.compared_with == f"main ({sha}): fleet/inventory.csv"


def test_the_base_is_where_the_branch_began(repository: Repository) -> None:
    """What `main` mended in the meantime is not held against the change."""
    repository.git("switch", "--quiet", "main")
    fleet(repository.folder / "fleet", "inventory.csv", 50)
    repository.commit("mended")
    repository.git("switch", "--quiet", "change")
    assert outcomes(check(repository)) == [(Outcome.STILL_BROKEN, False)]


def test_tables_are_those_of_then(repository: Repository) -> None:
    """Companies, sites and the tables of [files] are read as of the commit, not as they are now."""
    folder = repository.folder / "fleet"
    tables = {
        "fleet/entities.csv": "entity,headquarters,authorization\nAcme,US,uveu\n",
        "fleet/more/accelerators.csv": "accelerator,tpp,source\nMine,16000,own\n",
        "fleet/placement.toml": CONFIG + '[files]\naccelerators = "more/accelerators.csv"\n',
    }
    lots = f"{HEADER}Acme,us-1,US,H100 SXM,900,installed,,\nAcme,my-1,MY,Mine,100,installed,,\n"
    repository.git("switch", "--quiet", "main")
    repository.commit("tables", {**tables, "fleet/inventory.csv": lots})
    repository.git("switch", "--quiet", "--force-create", "change")
    assert outcomes(check(repository)) == [(Outcome.STILL_BROKEN, False)]
    # The chip is said to be larger now: that is a change for the worse, of a table.
    (folder / "more" / "accelerators.csv").write_text("accelerator,tpp,source\nMine,17000,own\n")
    assert outcomes(check(repository)) == [(Outcome.STILL_BROKEN, True)]


def test_a_table_of_an_option_is_that_of_then(repository: Repository, tmp_path: Path) -> None:
    folder = repository.folder / "tables"
    folder.mkdir()
    sites = folder / "sites.csv"
    header = "owner,site,accelerator,quantity\n"
    lots = f"{header}Acme,us-1,H100 SXM,900\nAcme,x-1,H100 SXM,100\n"
    repository.git("switch", "--quiet", "main")
    sites.write_text("site,country\nus-1,US\nx-1,JP\n")
    repository.commit("sites", {"fleet/inventory.csv": lots})
    repository.git("switch", "--quiet", "--force-create", "change")
    sites.write_text("site,country\nus-1,US\nx-1,MY\n")
    assert outcomes(check(repository, sites=sites)) == [(Outcome.BROKEN, True)]
    # One outside the repository is the same for both.
    outside = tmp_path / "sites.csv"
    outside.write_text(sites.read_text())
    assert outcomes(check(repository, sites=outside)) == [(Outcome.STILL_BROKEN, False)]


def test_an_inventory_that_was_not_there_is_all_new(repository: Repository) -> None:
    made = placement.check(
        fleet(repository.folder / "other", "inventory.csv", 100),
        policy=PACK, today=TODAY, base_ref="main",
    )  # fmt: skip
    assert (made.exit_code, outcomes(made)) == (1, [(Outcome.BROKEN, True)])
    assert made.notes[0] == "the inventory is not in the base, so all that is found is new"


def test_the_first_ref_that_git_knows(repository: Repository) -> None:
    assert check(repository, ["origin/main", "main"]).compared_with.startswith("main ")  # type: ignore[union-attr]


def test_a_base_with_faults_is_named_without_our_folder(repository: Repository) -> None:
    repository.git("switch", "--quiet", "main")
    repository.commit("x", {"fleet/inventory.csv": HEADER + "Acme,us-1,US,H100 SXM,x,,,\n"})
    repository.git("switch", "--quiet", "--force-create", "change")
    fleet(repository.folder / "fleet", "inventory.csv", 100)
    with pytest.raises(InputError) as raised:
        check(repository)
    (problem,) = raised.value.problems
    assert (problem.file, problem.line) == ("fleet/inventory.csv", 2)
    assert problem.message.startswith("in the base main (")


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "", "main^{tree}"])
def test_a_ref_that_git_does_not_know(repository: Repository, ref: str) -> None:
    with pytest.raises(UsageError, match=r"git knows no such ref; .*fetch-depth: 0"):
        check(repository, [ref])


def test_a_checkout_without_history(repository: Repository, tmp_path: Path) -> None:
    """A shallow clone of a branch has no commit in common with another."""
    fleet(repository.folder / "fleet", "inventory.csv", 101)
    repository.commit("second")
    repository.git("switch", "--quiet", "main")
    repository.commit("third", {"README": "y"})
    clone = tmp_path / "clone"
    words = ["--quiet", "--depth", "1", "--branch", "change", "--no-single-branch"]
    subprocess.run(["git", "clone", *words, repository.folder.as_uri(), clone], check=True)
    with pytest.raises(UsageError, match=r"no commit in common with HEAD; .*fetch-depth: 0"):
        check(Repository(clone), "origin/main")


def test_no_repository(tmp_path: Path) -> None:
    path = fleet(tmp_path, "inventory.csv", 100)
    with pytest.raises(UsageError, match=r"no git repository.*--base FILE"):
        placement.check(path, policy=PACK, base_ref="main")


def test_a_link_is_not_followed(repository: Repository) -> None:
    path = repository.folder / "fleet" / "inventory.csv"
    repository.git("switch", "--quiet", "main")
    path.rename(path.with_name("real.csv"))
    path.symlink_to("real.csv")
    repository.commit("link")
    repository.git("switch", "--quiet", "--force-create", "change")
    with pytest.raises(UsageError, match=r"fleet/inventory.csv: is a link"):
        check(repository)


def test_names_that_git_would_quote(repository: Repository) -> None:
    repository.git("switch", "--quiet", "main")
    path = fleet(repository.folder / "flöte *", "inventar 1.csv", 100)
    repository.commit("names")
    repository.git("switch", "--quiet", "--force-create", "change")
    made = placement.check(path, policy=PACK, today=TODAY, base_ref="main")
    assert outcomes(made) == [(Outcome.STILL_BROKEN, False)]


def test_nothing_in_the_repository_is_changed(repository: Repository) -> None:
    check(repository)
    assert repository.git("status", "--porcelain") == ""
