"""Entities: groups, headquarters and authorizations, and every way a file can contradict itself."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from placement.errors import InputError
from placement.readers import Entities, read_entities
from placement.readers.tables.entities import Entity

GOOD = """entity,parent,headquarters,authorization
Acme Holdings,,US,uveu
Acme Namibia,Acme Holdings,NA,nveu:Namibia; nveu:in
Acme Sub,Acme Namibia,,none
Solo,,NA,
"""


def entities(path: Path, content: str) -> Entities:
    file = path / "entities.csv"
    file.write_text(content)
    return read_entities(file, name="entities.csv")


def test_groups(tmp_path: Path) -> None:
    found = entities(tmp_path, GOOD)
    group = {"Acme Holdings", "Acme Namibia", "Acme Sub"}
    for member in group:
        assert found.ultimate_parent(member) == "Acme Holdings"
        assert found.group(member) == group
        assert found.headquarters(member) == "US"
        assert found.authorizations(member) == {"uveu", "nveu:NA", "nveu:IN"}
    assert found.group("Solo") == {"Solo"}
    assert found.authorizations("Solo") == frozenset()
    assert [one.line for one in found] == [2, 3, 4, 5]
    assert found.entity("Acme Sub").headquarters is None
    assert not found.assumed


def test_owner_not_in_the_file(tmp_path: Path) -> None:
    found = entities(tmp_path, GOOD)
    said = [str(one) for one in found.problems_for(["Solo", "solo", "Zork", "Solo "], "inv.csv")]
    assert said == [
        "inv.csv: owner 'Zork': company without headquarters; add a row for it to entities.csv",
        "inv.csv: owner 'solo': company without headquarters; did you mean 'Solo'? "
        "Else add a row for it to entities.csv",
    ]
    with pytest.raises(InputError, match="did you mean 'Solo'"):
        found.ultimate_parent("solo")


def test_assumed() -> None:
    found = Entities.assume("Namibia", ["uveu"])
    assert found.assumed
    assert found.ultimate_parent("Anyone") == "Anyone"
    assert found.group("Anyone") == {"Anyone"}
    assert found.headquarters("Anyone") == "NA"
    assert found.authorizations("Anyone") == {"uveu"}
    assert found.problems_for(["Anyone"], "inv.csv") == []


def test_big_groups_take_little_time() -> None:
    began = process_time()
    depth = 10_000
    chain = [Entity("0", None, "NA", frozenset({"uveu"}))]
    chain += [Entity(str(i), str(i - 1), None, frozenset()) for i in range(1, depth)]
    found = Entities(reversed(chain))
    assert found.ultimate_parent(str(depth - 1)) == "0"
    wide = [Entity(f"s{i}", "0", None, frozenset({"nveu:NA"})) for i in range(50_000)]
    found = Entities([*wide, *chain])
    assert {found.authorizations(one.name) for one in wide} == {frozenset({"uveu", "nveu:NA"})}
    assert len(found.group("s7")) == depth + 50_000
    assert process_time() - began < 5


def test_many_unknown_parents_and_owners_take_little_time(tmp_path: Path) -> None:
    began = process_time()
    rows = "".join(f"Sub {i},Parent {i},NA\n" for i in range(2_000))
    with pytest.raises(InputError) as caught:
        entities(tmp_path, f"entity,parent,headquarters\n{rows}")
    assert caught.value.total == 2_000
    rows = "".join(f"Sub {i},,NA\n" for i in range(2_000))
    found = entities(tmp_path, f"entity,parent,headquarters\n{rows}")
    assert len(found.problems_for([f"Son {i}" for i in range(2_000)], "inv.csv")) == 2_000
    assert process_time() - began < 8


@pytest.mark.parametrize("order", [1, -1])
def test_ring_below_which_others_hang_is_told_once(order: int) -> None:
    owned = {"A": "B", "B": "C", "C": "B", "D": "A", "E": "C"}
    listed = [
        Entity(name, above, "NA", frozenset(), i) for i, (name, above) in enumerate(owned.items())
    ]
    with pytest.raises(InputError) as caught:
        Entities(listed[::order])
    (problem,) = caught.value.problems
    assert problem.message == "owns itself: 'B' -> 'C' -> 'B'"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "A,B,US,\nB,A,US,\nC,A,US,\n",
            "entities.csv:2: parent 'B': owns itself: 'A' -> 'B' -> 'A'; break the ring",
        ),
        ("A,A,US,\n", "entities.csv:2: parent 'A': owns itself: 'A' -> 'A'; break the ring"),
        (
            "Acme,,US,\nB,Acmee,US,\n",
            "entities.csv:3: parent 'Acmee': the parent has no row of its own; "
            "did you mean 'Acme'?",
        ),
        (
            "A,,US,\nA,,NA,\n",
            "entities.csv:3: entity 'A': the entity is already on line 2, with headquarters US, "
            "here NA; keep one of them",
        ),
        (
            "A,,Korea,\n",
            "entities.csv:2: headquarters 'Korea': 'Korea' could be KR (South Korea) or "
            "KP (North Korea); write KR or KP",
        ),
        (
            "A,,NA,uevu\n",
            "entities.csv:2: authorization 'uevu': no authorization is called 'uevu'; did you mean "
            "'uveu'? write uveu, nveu:<country> or none, several separated by ;",
        ),
        (
            "A,,NA,nveu\n",
            "entities.csv:2: authorization 'nveu': nveu names no country; "
            "write nveu:<country>, as nveu:IN",
        ),
        (
            "A,,,uveu\n",
            "entities.csv:2: entity 'A': an ultimate parent has no headquarters; "
            "write the country of its headquarters",
        ),
    ],
)
def test_contradictions(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        entities(tmp_path, f"entity,parent,headquarters,authorization\n{rows}W,,NA,\n")
    assert str(caught.value) == said
