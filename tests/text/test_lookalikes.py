"""Two spellings of one name are never two accounts, in any table or between two of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import placement
from placement.catalog import load_catalog
from placement.errors import InputError
from placement.readers import read_inventory
from placement.readers.tables.commitments import read_commitments
from placement.readers.tables.demand import read_demand
from placement.readers.tables.entities import read_entities
from placement.readers.tables.latency import read_latency
from placement.readers.tables.shipments import read_shipments
from placement.readers.tables.site_limits import read_site_limits
from placement.readers.tables.sites import read_places, read_sites
from placement.readers.tables.weights import read_weights
from placement.text.lookalikes import Mention, NameKind, lookalikes
from placement.text.name_keys import same
from tests.support.paths import TESTS

INPUTS = TESTS / "inputs"
CATALOG = load_catalog()
LOTS = "owner,operator,consignee,site,country,accelerator,quantity\n"

#: Each column with a name: two rows of its table, with the two spellings.
COLUMNS = {
    "owner": (LOTS + "{},,,s,NA,B200,1\n{},,,s,NA,B200,2\n", "inventory"),
    "operator": (LOTS + "A,{},,s,NA,B200,1\nA,{},,s,NA,B200,2\n", "inventory"),
    "consignee": (LOTS + "A,,{},s,NA,B200,1\nA,,{},s,NA,B200,2\n", "inventory"),
    "consignee, owner": (LOTS + "A,,{},s,NA,B200,1\n{},,,s,NA,B200,2\n", "inventory"),
    "site": (LOTS + "A,,,{},NA,B200,1\nA,,,{},NA,B200,2\n", "inventory"),
    "entity": ("entity,headquarters\n{},NA\n{},NA\n", "entities"),
    "parent": ("entity,parent,headquarters\n{},,NA\nB,{},\n", "entities"),
    "site of sites": ("site,country,power_mw\n{},NA,1\n{},NA,2\n", "sites"),
    "metro": ("site,country,power_mw,metro\na,NA,1,{}\nb,NA,2,{}\n", "sites"),
    "region": ("site,country,power_mw,region\na,NA,1,{}\nb,NA,2,{}\n", "sites"),
    "metro of places": ("site,country,metro\na,NA,{}\nb,NA,{}\n", "places"),
    "site of limits": ("site,period,power_mw\n{},2027Q1,1\n{},2027Q1,1\n", "site_limits"),
    "zone": ("period,zone,metric,quantity\n2027Q1,{},mw,1\n2027Q1,{},mw,2\n", "demand"),
    "zone of latency": ("zone,site,ms\n{},a,1\n{},b,2\n", "latency"),
    "site of latency": ("zone,site,ms\na,{},1\nb,{},2\n", "latency"),
    "site of commitments": ("kind,quantity,site\nat_most,1,{}\nat_most,2,{}\n", "commitments"),
    "exporter": (
        "date,exporter,accelerator,quantity,from_country,to_country,end_use_country\n"
        "2026-03-01,{},B200,1,US,US,US\n2026-03-01,{},B200,2,US,US,US\n",
        "shipments",
    ),
    "owner of weights": (
        "model,owner,training_operations,published,storage_site\n"
        "m,{},1,no,s\nn,{},1,no,s\n",
        "weights",
    ),
    "model of weights": (
        "model,owner,training_operations,published,storage_site\n"
        "{},A,1,no,s\n{},A,1,no,s\n",
        "weights",
    ),
}  # fmt: skip
READERS: dict[str, Callable[[Path], object]] = {
    "inventory": lambda path: read_inventory(path, catalog=CATALOG),
    "entities": read_entities,
    "sites": read_sites,
    "places": read_places,
    "site_limits": read_site_limits,
    "demand": read_demand,
    "latency": read_latency,
    "commitments": read_commitments,
    "shipments": read_shipments,
    "weights": read_weights,
}
PAIRS = [
    ("Dal", "dal"),
    ("New  York", "New York"),
    ("Société K", "Socie\u0301te\u0301 K"),
    ("Ac\u200bme", "Acme"),
    ("\uff21\uff23\uff2d\uff25", "acme"),
    ("Straße", "STRASSE"),
    ("a\u00a0b", "a b"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=range(len(PAIRS)))
@pytest.mark.parametrize("column", COLUMNS)
def test_in_one_table(tmp_path: Path, column: str, one: str, other: str) -> None:
    """Every column with a name, in every table: an error that names both lines."""
    text, table = COLUMNS[column]
    path = tmp_path / f"{table}.csv"
    path.write_text(text.format(one, other), "utf-8")
    with pytest.raises(InputError) as caught:
        READERS[table](path)
    (problem,) = caught.value.problems
    assert (problem.line, problem.value) == (3, other)
    assert f"is written {one!r} on line 2" in problem.message


def test_between_tables(tmp_path: Path) -> None:
    """A site of the inventory against sites.csv, an owner against companies, weights, shipments."""
    tables = {
        "inventory.csv": "owner,site,country,accelerator,quantity\nAcme,dal,US,B200,8\n",
        "sites.csv": "site,country\nDAL,US\n",
        "entities.csv": "entity,headquarters,authorization\nACME,US,uveu\n",
        "shipments.csv": "date,exporter,accelerator,quantity,from_country,to_country,"
        "end_use_country\n2026-03-01,acme,B200,1,US,US,US\n",
        "weights.csv": "model,owner,training_operations,published,storage_site\nm,AcMe,1,no,Dal\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        placement.check(
            tmp_path / "inventory.csv",
            as_of="2026-08-01",
            sites=tmp_path / "sites.csv",
            entities=tmp_path / "entities.csv",
            shipments=tmp_path / "shipments.csv",
            weights=tmp_path / "weights.csv",
        )
    told = [(Path(one.file or "").name, one.line, one.value) for one in caught.value.problems]
    assert told == [
        ("entities.csv", 2, "ACME"),
        ("shipments.csv", 2, "acme"),
        ("sites.csv", 2, "DAL"),
        ("weights.csv", 2, "AcMe"),
        ("weights.csv", 2, "Dal"),
    ]
    assert all("inventory.csv:2" in one.message for one in caught.value.problems)


@pytest.mark.parametrize(
    ("table", "text", "value"),
    [
        ("sites", "site,country,power_mw\nDAL,US,1\n", "DAL"),
        ("site_limits", "site,period,power_mw\nDal,2027Q1,1\n", "Dal"),
        ("commitments", "kind,site,quantity\nat_most,dAl,9\n", "dAl"),
        ("latency", "zone,site,ms\nWest,Dal,1\nwest,dal,2\n", "Dal"),
        ("demand", "period,zone,metric,quantity\n2027Q1,WEST,mw,0\n", "WEST"),
    ],
)
def test_between_tables_of_a_plan(tmp_path: Path, table: str, text: str, value: str) -> None:
    """No site is frozen, and no line of demand out of reach, for the way it is spelt."""
    for one in (INPUTS / "sites-differ-in-case").iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    (tmp_path / "sites.csv").write_text("site,country,power_mw\ndal,US,1\n")
    (tmp_path / "latency.csv").write_text("zone,site,ms\nwest,dal,1\n")
    (tmp_path / f"{table}.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        placement.optimize(tmp_path)
    assert any(one.value == value or f"{value!r}" in one.message for one in caught.value.problems)
    assert all("is written" in one.message for one in caught.value.problems)


def test_cases() -> None:
    """One name is one account; the others name both spellings, and what differs where none sees."""
    chosen: dict[str, Any] = {
        "headquarters": "NA", "authorization": "none", "since": "2025-01-01", "until": "2025-12-31"
    }  # fmt: skip
    folder = INPUTS / "lookalike-names"
    said = {}
    for path in sorted(folder.glob("*.csv")):
        if path.stem == "one-name":
            continue
        with pytest.raises(InputError) as caught:
            placement.check(path, **chosen)
        said[path.stem] = str(caught.value).partition(": ")[2]
    assert "the company is written 'Kilima' on line 2 (owner)" in said["consignee-case"]
    assert "the company is written 'Kilima Ltd' on line 2" in said["consignee-double-space"]
    assert "U+00E9 here, U+0065 U+0301 there" in said["owner-nfd-2"]
    with pytest.raises(InputError, match=r"sites.csv:3: site 'Dal': the site is written 'dal' on"):
        placement.optimize(INPUTS / "sites-differ-in-case")
    found = placement.check(folder / "one-name.csv", **chosen)
    (charged,) = {one.numerator for one in found.breaches if one.rule == "lpp.cap"}
    assert charged == "26914400.000"


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
HIDDEN = st.sampled_from("\u200b\u200d\u00ad\ufeff\u2060\ufe0f")
SPACES = st.sampled_from([" ", "  ", "\u00a0", "\u2003 ", "\u3000"])


@given(name=NAMES, data=st.data())
def test_disguises(name: str, data: st.DataObject) -> None:
    """What changes case, composition, spaces or what is not seen leaves the name the same."""
    words = name.split()
    assume(words)
    plain = " ".join(words)
    form: Any = data.draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    disguised = unicodedata.normalize(form, data.draw(SPACES).join(words).casefold())
    place = data.draw(st.integers(0, len(disguised)))
    disguised = f" {disguised[:place]}{data.draw(HIDDEN)}{disguised[place:]} "
    assert same(disguised) == same(plain) == same(same(plain))
    mentions = [
        Mention(NameKind.COMPANY, plain, "a.csv", 2, "owner"),
        Mention(NameKind.COMPANY, disguised, "b.csv", 3, "entity"),
        Mention(NameKind.SITE, disguised, "b.csv", 3, "site"),
    ]
    (told,) = lookalikes(mentions)
    assert told.file == "b.csv"
    assert "a.csv:2" in told.message


@given(one=st.text("abxyz019-. ", min_size=1), other=st.text("abxyz019-. ", min_size=1))
def test_different_names_stay_different(one: str, other: str) -> None:
    """Of plain lower-case text, only spaces may differ."""
    assert (same(one) == same(other)) == (one.split() == other.split())
