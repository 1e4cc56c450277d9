"""From spellings to values: each distinct cell of a column is resolved once, then joined back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from placement.catalog import (
    Accelerator,
    Catalog,
    HolderName,
    Region,
    UnknownName,
    continents,
    country,
    country_name,
    find_instance,
    find_region,
    refusal,
)
from placement.catalog.aliases import is_clouds_own
from placement.catalog.spelling import joined
from placement.enums import Channel, Confidence, Status, Unit
from placement.errors import did_you_mean
from placement.readers.cells import BadText, flag, iso_date
from placement.readers.formats.csv_records import SPACE
from placement.readers.inventory.continents import said_of

if TYPE_CHECKING:
    import polars as pl

#: What is wrong with a cell, or a pair of cells, and what to do about it.
Said = tuple[str, str]


@dataclass
class Faults:
    """Why cells could not be resolved: by column, then by what they say (pairs as tuples)."""

    said: dict[str, dict[Any, Said]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    #: Those of the notes that move no verdict.
    lesser_notes: set[str] = field(default_factory=set)
    assumptions: list[str] = field(default_factory=list)
    #: Names of servers and racks, of which the quantity says more.
    holders: dict[Any, HolderName] = field(default_factory=dict)
    #: By column: the codes in it that are those of continents.
    continents: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, column: str, asked: Any, message: str, fix: str) -> None:
        """Keep what is wrong with one distinct cell of a column."""
        self.said.setdefault(column, {})[asked] = (message, fix)

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self.notes:
            self.notes.append(text)

    def assume(self, text: str) -> None:
        """Keep an assumption, once."""
        if text not in self.assumptions:
            self.assumptions.append(text)


def resolve(
    frame: pl.DataFrame,
    catalog: Catalog,
    site_countries: Mapping[str, str],
    faults: Faults,
) -> pl.DataFrame:
    """Add to groups the values their cells stand for, and a mark `bad_<column>` for each failure.

    Added: the_owner, the_operator, the_site, the_provider, country_said, country_region,
    region_sure, country_site, country_found, model, unit_num, unit_den, the_unit, the_status,
    day_arrived, day_in_service, start, end, the_consignee, the_channel, the_licensed, it_stays,
    country_left, day_noticed.
    """
    import polars as pl

    resolver = _Resolver(frame, catalog, faults)
    for column in ("owner", "operator", "consignee", "site", "provider"):
        resolver.one(column, f"the_{column}", _named, pl.String)
    resolver.one("country", "country_said", resolver.country("country"), pl.String)
    resolver.one("status", "the_status", _one_of("status", Status), pl.String)
    resolver.one("channel", "the_channel", _one_of("channel", Channel), pl.String)
    resolver.one("licensed", "the_licensed", flag, pl.Boolean)
    resolver.one("stays", "it_stays", flag, pl.Boolean)
    resolver.one("from_country", "country_left", resolver.country("from_country"), pl.String)
    resolver.one("notice_filed", "day_noticed", iso_date, pl.Date)
    for column, name in (
        ("arrived", "day_arrived"),
        ("in_service", "day_in_service"),
        ("out_of_service", "end"),
    ):
        resolver.one(column, name, iso_date, pl.Date)
    resolver.one("unit", "the_unit", _one_of("unit", Unit), pl.String)
    resolver.accelerators()
    resolver.regions()
    resolver.instances()
    resolver.one("site", "country_site", lambda site: site_countries.get(site.strip()), pl.String)
    return resolver.frame.with_columns(
        the_operator=pl.coalesce("the_operator", "the_owner"),
        the_consignee=pl.coalesce("the_consignee", "the_owner"),
        the_status=pl.col("the_status").fill_null(Status.INSTALLED.value),
        # A region of low confidence is worth less than anything that the user says.
        country_found=pl.coalesce(
            "country_said",
            pl.when("region_sure").then("country_region"),
            "country_site",
            "country_region",
        ),
        model=pl.coalesce("model_named", "model_instance"),
        unit_num=pl.coalesce("unit_num", "unit_count").fill_null(1),
        unit_den=pl.col("unit_den").fill_null(1),
        start=pl.coalesce("day_arrived", "day_in_service"),
    )


class _Resolver:
    """Joins small tables of resolved values onto the groups, one column after another."""

    def __init__(self, frame: pl.DataFrame, catalog: Catalog, faults: Faults) -> None:
        self.frame = frame
        self.catalog = catalog
        self.faults = faults

    def one(
        self, column: str, name: str, read: Callable[[str], Any], kind: type[pl.DataType]
    ) -> None:
        """Add `name`: null where the cell is blank, or marked bad."""
        import polars as pl

        bad = f"bad_{column}"
        if column not in self.frame.columns:
            self.frame = self.frame.with_columns(
                pl.lit(None, kind).alias(name), pl.lit(value=False).alias(bad)
            )
            return
        codes = self.frame[column].to_physical()
        texts = self.frame[column].unique().drop_nulls()
        size = max(texts.to_physical(), default=-1) + 1
        values: list[Any] = [None] * size
        marks = [False] * size
        for code, text in zip(texts.to_physical(), texts.cast(pl.String), strict=True):
            values[code], marks[code] = self._value(column, text.strip(SPACE), read)
        mark = pl.lit(value=False)
        if any(marks):
            mark = pl.lit(pl.Series(marks).gather(codes)).fill_null(value=False)
        self.frame = self.frame.with_columns(
            pl.Series(values, dtype=kind).gather(codes).alias(name), mark.alias(bad)
        )

    def accelerators(self) -> None:
        """Add model_named and unit_count from provider, unit and accelerator."""
        import polars as pl

        if "unit" not in self.frame.columns and not _has_clouds_own(self.frame):
            self.one("accelerator", "unit_count", lambda text: self._alone(text)[1], pl.Int64)
            self.one("accelerator", "model_named", lambda text: self._alone(text)[0], pl.String)
            return
        rows = []
        for asked, (found, failed) in self._asked(("provider", "unit"), "accelerator", self.named):
            rows.append((*asked, *(found or (None, None)), failed))
        added = {"model_named": "String", "unit_count": "Int64", "bad_accelerator": "Boolean"}
        self._join(("provider", "unit"), "accelerator", added, rows)

    def regions(self) -> None:
        """Add country_region and region_sure from provider and region."""
        rows = []
        for asked, (found, failed) in self._asked(("provider",), "region", self.region):
            rows.append((*asked, *(found or (None, None)), failed))
        added = {"country_region": "String", "region_sure": "Boolean", "bad_region": "Boolean"}
        self._join(("provider",), "region", added, rows)

    def instances(self) -> None:
        """Add model_instance, unit_num, unit_den from provider and instance_type."""
        rows = []
        for asked, (found, failed) in self._asked(("provider",), "instance_type", self.instance):
            model, count = found if found is not None else (None, None)
            parts = (None, None) if count is None else (count.numerator, count.denominator)
            rows.append((*asked, model, *parts, failed))
        added = {
            "model_instance": "String",
            "unit_num": "Int64",
            "unit_den": "Int64",
            "bad_instance_type": "Boolean",
        }
        self._join(("provider",), "instance_type", added, rows)

    def country(self, column: str) -> Callable[[str], str]:
        """Return a reader of a column of countries, which refuses the codes of continents."""
        import polars as pl

        if column not in self.faults.continents:
            texts: list[str] = []
            if column in self.frame.columns:
                texts = self.frame[column].unique().drop_nulls().cast(pl.String).to_list()
            refused, read = continents(texts)
            self.faults.continents[column] = refused
            if read:
                named = ", ".join(f"{code} as {country_name(code)}" for code in sorted(read))
                self.faults.note(f"in the column {column}, codes of continents are read: {named}")
        refused = self.faults.continents[column]

        def of(text: str) -> str:
            if text.strip().upper() in refused:
                raise BadText(*said_of(refused))
            return country(text)

        return of

    def named(self, provider: str | None, unit: str | None, text: str) -> tuple[str, int]:
        """Resolve an accelerator's name to its model, and how many of it a unit is.

        A harmless ambiguity is noted, what a unit holds is an assumption.
        """
        known = next((one for one in Unit if one == (unit or "").casefold()), None)
        try:
            match = self.catalog.find_counted(text, known, provider)
        except HolderName as error:
            self.faults.holders[provider, unit, text] = error
            raise
        if match.note:
            self.faults.note(match.note)
            self.faults.lesser_notes.add(match.note)
        model = _rated(match.accelerator).model
        if match.count != 1 or (known is not None and joined(text) != joined(model)):
            each = f"{match.count} x {model} each" if match.count != 1 else f"counted in {model}"
            what = f"{text} in {known}s" if known is not None else text
            self.faults.assume(f"{what}: {each}")
        return model, match.count

    def _alone(self, text: str) -> tuple[str, int]:
        return self.named(None, None, text)

    def instance(self, provider: str | None, text: str) -> tuple[str, Fraction]:
        """Resolve an instance type to its accelerator and how many it has; both are noted."""
        accelerator, count = self.catalog.instance(provider, text)
        model = _rated(accelerator).model
        found = find_instance(provider, text)
        kind = f"instance type {found.instance_type}"
        self.faults.note(f"{kind}: {count} x {model} each, quantity counts instances")
        if found.confidence is Confidence.LOW:
            taken = f"{kind} of {found.provider} is taken for {count} x {model}"
            self.faults.note(f"{taken}, with low confidence: check it")
        return model, count

    def region(self, provider: str | None, text: str) -> tuple[str, bool]:
        """Resolve a provider's region to its country, and whether that is well sourced."""
        if provider is None:
            raise BadText("a region without a provider", "fill the column provider")
        found: Region = find_region(provider, text)
        return found.country, found.confidence is not Confidence.LOW

    def _value(self, column: str, text: str, read: Callable[[str], Any]) -> tuple[Any, bool]:
        if not text:
            return None, False
        try:
            return read(text), False
        except (UnknownName, BadText) as error:
            self.faults.add(column, text, error.message, error.fix)
            return None, True

    def _asked(
        self, beside: tuple[str, ...], column: str, read: Callable[..., Any]
    ) -> list[tuple[tuple[str | None, ...], tuple[Any, bool]]]:
        """Read each distinct cell of a column together with those beside it (blank: None)."""
        import polars as pl

        if column not in self.frame.columns:
            return []
        cells = [
            (pl.col(one) if one in self.frame.columns else pl.lit(None)).cast(pl.String).alias(one)
            for one in beside
        ]
        asked = self.frame.select(*cells, pl.col(column).cast(pl.String)).unique(
            maintain_order=True
        )
        found: list[tuple[tuple[str | None, ...], tuple[Any, bool]]] = []
        for row in asked.rows():
            *others, text = ((cell or "").strip(SPACE) or None for cell in row)
            if text is None:
                continue
            try:
                found.append((row, (read(*others, text), False)))
            except (UnknownName, BadText) as error:
                self.faults.add(column, (*others, text), error.message, error.fix)
                found.append((row, (None, True)))
        return found

    def _join(
        self,
        beside: tuple[str, ...],
        column: str,
        added: Mapping[str, str],
        rows: list[tuple[Any, ...]],
    ) -> None:
        """Join what was read of a column, with the cells beside it, onto the groups."""
        import polars as pl

        kinds: dict[str, Any] = {name: getattr(pl, kind) for name, kind in added.items()}
        if not rows:
            self.frame = self.frame.with_columns(
                pl.lit(None, kind).alias(name) for name, kind in kinds.items()
            )
        else:
            on = [one for one in (*beside, column) if one in self.frame.columns]
            schema = {**dict.fromkeys((*beside, column), pl.String), **kinds}
            table = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
                pl.col(key).cast(self.frame.schema[key]) for key in on
            )
            table = table.drop(one for one in beside if one not in on)
            self.frame = self.frame.join(table, on=on, how="left", nulls_equal=True)
        self.frame = self.frame.with_columns(pl.col(f"bad_{column}").fill_null(value=False))


def _has_clouds_own(frame: pl.DataFrame) -> bool:
    """Tell whether what some accelerator's name means depends on the provider beside it."""
    import polars as pl

    if not {"provider", "accelerator"} <= {*frame.columns}:
        return False
    return any(map(is_clouds_own, frame["accelerator"].unique().drop_nulls().cast(pl.String)))


def _rated(accelerator: Accelerator) -> Accelerator:
    if accelerator.mtpp() is None:
        message, _, fix = refusal(accelerator).partition("; ")
        raise UnknownName(message, fix)
    return accelerator


def _named(text: str) -> str | None:
    return text.strip() or None


def _one_of(what: str, words: Iterable[str]) -> Callable[[str], str]:
    """Return a reader of one of a few words, in any case."""
    known = [str(word) for word in words]
    choices = f"write one of {', '.join(known)}"

    def read(text: str) -> str:
        if text.casefold() in known:
            return text.casefold()
        near = did_you_mean(text, known)
        raise BadText(f"is not a {what}", f"{near} Else {choices}" if near else choices)

    return read
