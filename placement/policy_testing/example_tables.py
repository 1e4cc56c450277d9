"""From the short texts of an example to the rows of the tables that `check` reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from placement.errors import Fault, InputError, did_you_mean
from placement.policy.examples import Example

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]
"""Rows by the name of their table, as `inventory`; a table without rows is left out."""

TPP = "10000"
"""The TPP of an accelerator where an example does not say."""

YEAR = "2025"
"""The year of the launch of an accelerator where an example does not say."""

COMPANY = "A US uveu"
"""The company of an example that names none."""

_LOT = {
    "owner": "owner",
    "operator": "operator",
    "consignee": "consignee",
    "site": "site",
    "status": "status",
    "arrived": "arrived",
    "ends": "out_of_service",
    "channel": "channel",
    "licensed": "licensed",
    "from": "from_country",
    "filed": "notice_filed",
    "tpp": "",
    "bandwidth": "",
    "density": "",
    "datacenter": "",
    "model": "",
}
_SHIPMENT = {
    "use": "end_use_country",
    "licensed": "licensed",
    "channel": "channel",
    "tpp": "",
    "bandwidth": "",
    "datacenter": "",
    "launched": "",
    "model": "",
}
_FIGURES = ("density", "datacenter")
_WEIGHTS = {
    "at": "storage_site",
    "published": "published",
    "tuned": "finetune_operations",
    "tuned_at": "finetune_site",
    "customer": "customer_headquarters",
}
_SITE = {"metro": "metro", "region": "region", "filed": "notice_filed"}


@dataclass(frozen=True, slots=True)
class _Words:
    """One text of an example: its plain words, and its key=value pairs."""

    text: str
    plain: Sequence[str]
    pairs: Mapping[str, str]

    def columns(self, names: Mapping[str, str]) -> dict[str, str]:
        """Return the pairs by the columns they fill."""
        return {names[key]: value for key, value in self.pairs.items() if names[key]}


def tables_of(example: Example) -> Tables:
    """Return the tables of an example; InputError with every text that does not follow the grammar.

    Accelerators are made up: as `EX-10000` by its TPP, `EX-10000-4800` with a memory bandwidth of
    4,800 GB/s; where an example does not say otherwise, with a performance density of 10,
    designed for data centres, and launched in 2025. One of the catalogue is named with _ for each
    blank.
    """
    faults: list[Fault] = []

    def read(field: str, texts: Iterable[str], form: str, known: Iterable[str]) -> list[_Words]:
        found = []
        for text in texts:
            try:
                found.append(_read(text, form, list(known)))
            except InputError as error:
                faults.extend(_in(field, text, problem) for problem in error.problems)
        return found

    companies = read(
        "companies", example.companies or [COMPANY], "<name> <country> ...", ["parent"]
    )
    lots = read("lots", example.lots, "<country> <accelerators>", _LOT)
    shipments = read(
        "shipments", example.shipments, "<date> <exporter> <accelerators> <from>-><to>", _SHIPMENT
    )
    weights = read("weights", example.weights, "<model> <owner> <operations> at=<site>", _WEIGHTS)
    sites = read("sites", example.sites, "<site> <country>", _SITE)
    faults += _without(shipments, weights)
    if faults:
        raise InputError(faults)
    names = [company.plain[0] for company in companies]
    owner = "A" if "A" in names else names[0]
    made_up = (one for one in [*lots, *shipments] if "model" not in one.pairs)
    models = {_model(one): _accelerator(one) for one in made_up}
    rows: dict[str, list[Row]] = {
        "entities": [_company(company) for company in companies],
        "inventory": [_lot(lot, owner) for lot in lots],
        "shipments": [_shipment(shipment) for shipment in shipments],
        "weights": [_weights(weight) for weight in weights],
        "accelerators": list(models.values()),
    }
    rows["sites"] = _sites(sites, rows["inventory"])
    return {name: table for name, table in rows.items() if table}


def _read(text: str, form: str, known: list[str]) -> _Words:
    """Take a text apart; `form` shows its plain words, `known` are its keys."""
    plain, pairs = [], {}
    for word in text.split():
        key, equals, value = word.partition("=")
        if not equals and word != "published":
            plain.append(word)
        elif key not in known:
            hint = did_you_mean(key, known) or f"keys: {', '.join(known)}"
            raise InputError(Fault(f"there is no key {key!r}", hint))
        elif key in pairs:
            raise InputError(Fault(f"{key} is there twice", "keep one"))
        else:
            pairs[key] = value if equals else "yes"
    needed = [word for word in form.split() if "=" not in word and word != "..."]
    if len(plain) != len(needed) and not (form.endswith("...") and len(plain) > len(needed)):
        raise InputError(Fault("is not of the form", f"write {form}, then key=value"))
    return _Words(text, plain, pairs)


def _without(shipments: Iterable[_Words], weights: Iterable[_Words]) -> list[Fault]:
    """Say which texts lack a part that their form needs inside a word."""
    faults = []
    for one in shipments:
        if one.plain[3].count("->") != 1:
            problem = Fault("says not from where to where", "write the countries as US->CN")
            faults.append(_in("shipments", one.text, problem))
    for one in weights:
        if "at" not in one.pairs:
            problem = Fault("says not where the weights are", "add at=<site>")
            faults.append(_in("weights", one.text, problem))
    return faults


def _in(field: str, text: str, problem: Fault) -> Fault:
    return Fault(problem.message, problem.fix, column=field, value=text)


def _company(one: _Words) -> Row:
    name, country, *held = one.plain
    parent = one.pairs.get("parent", "")
    row = {"entity": name, "parent": parent, "headquarters": country}
    return {**row, "authorization": ";".join(held) or "none"}


def _lot(one: _Words, owner: str) -> Row:
    country, quantity = one.plain
    row = {"owner": owner, "site": f"{country}-site", "country": country}
    row |= {"accelerator": _model(one), "quantity": quantity}
    return {**row, **one.columns(_LOT)}


def _shipment(one: _Words) -> Row:
    day, exporter, quantity, way = one.plain
    start, _, end = way.partition("->")
    row = {"date": day, "exporter": exporter, "accelerator": _model(one), "quantity": quantity}
    row |= {"from_country": start, "to_country": end, "end_use_country": end}
    return {**row, **one.columns(_SHIPMENT)}


def _weights(one: _Words) -> Row:
    model, owner, operations = one.plain
    row = {"model": model, "owner": owner, "training_operations": operations, "published": "no"}
    return {**row, **one.columns(_WEIGHTS)}


def _sites(listed: Sequence[_Words], lots: Iterable[Row]) -> list[Row]:
    """Return the sites of an example, and those of its lots that it does not list.

    Where it lists any, their notices are known: a site without filed= has none.
    """
    notices = {"notice_filed": ""} if listed else {}
    rows: dict[str, Row] = {
        lot["site"]: {
            "site": lot["site"],
            "country": lot["country"],
            "metro": lot["site"],
            "region": lot["site"],
            **notices,
        }
        for lot in lots
    }
    for one in listed:
        site, country = one.plain
        row = {"site": site, "country": country, "metro": site, "region": site}
        rows[site] = {**row, **notices, **one.columns(_SITE)}
    return list(rows.values())


def _model(one: _Words) -> str:
    """Name a made-up accelerator by its figures, or one of the catalogue."""
    if "model" in one.pairs:
        return one.pairs["model"].replace("_", " ")
    figures = [one.pairs.get("tpp", TPP)]
    figures += [f"{one.pairs[key]}" for key in ("bandwidth", "launched") if key in one.pairs]
    figures += [f"{key}-{one.pairs[key]}" for key in _FIGURES if key in one.pairs]
    return f"EX-{'-'.join(figures)}"


def _accelerator(one: _Words) -> Row:
    return {
        "accelerator": _model(one),
        "tpp": one.pairs.get("tpp", TPP),
        "performance_density": one.pairs.get("density", "10"),
        "memory_bandwidth_gb_s": one.pairs.get("bandwidth", ""),
        "datacenter": one.pairs.get("datacenter", "yes"),
        "release_year": one.pairs.get("launched", YEAR),
        "source": "example",
    }
