"""From spellings to values: each distinct cell of a column is resolved once, then joined back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from placement.catalog import (
    Accelerator,
    Catalog,
    Region,
    UnknownName,
    country,
    find_instance,
    find_region,
    refusal,
)
from placement.errors import did_you_mean
from placement.sources.csvfile import SPACE
from placement.sources.fields import BadText, flag, iso_date
from placement.vocabulary import Channel, Confidence, Status

if TYPE_CHECKING:
    import polars as pl

#: What is wrong with a cell, or a pair of cells, and what to do about it.
Said = tuple[str, str]


@dataclass
class Faults:
    """Why cells could not be resolved: by column, then by what they say (pairs as tuples)."""

    said: dict[str, dict[Any, Said]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, column: str, asked: Any, message: str, fix: str) -> None:
        """Keep what is wrong with one distinct cell of a column."""
        self.said.setdefault(column, {})[asked] = (message, fix)

    def note(self, text: str) -> None:
        """Keep a note, once."""
        if text not in self.notes:
            self.notes.append(text)


def resolve(
    frame: pl.DataFrame,
    catalog: Catalog,
    site_countries: Mapping[str, str],
    faults: Faults,
) -> pl.DataFrame:
    """Add to groups the values their cells stand for, and a mark `bad_<column>` for each failure.

    Added: the_owner, the_operator, the_site, the_provider, country_said, country_region,
    country_site, country_found, model, unit_num, unit_den, the_status, day_arrived,
    day_in_service, start, end, the_consignee, the_channel, the_licensed, it_stays, country_left,
    day_noticed.
    """
    import polars as pl

    resolver = _Resolver(frame, catalog, faults)
    for column in ("owner", "operator", "consignee", "site", "provider"):
        resolver.one(column, f"the_{column}", _named, pl.String)
    resolver.one("country", "country_said", country, pl.String)
    resolver.one("status", "the_status", _one_of("status", Status), pl.String)
    resolver.one("channel", "the_channel", _one_of("channel", Channel), pl.String)
    resolver.one("licensed", "the_licensed", flag, pl.Boolean)
    resolver.one("stays", "it_stays", flag, pl.Boolean)
    resolver.one("from_country", "country_left", country, pl.String)
    resolver.one("notice_filed", "day_noticed", iso_date, pl.Date)
    for column, name in (
        ("arrived", "day_arrived"),
        ("in_service", "day_in_service"),
        ("out_of_service", "end"),
    ):
        resolver.one(column, name, iso_date, pl.Date)
    resolver.one("accelerator", "model_named", resolver.accelerator, pl.String)
    resolver.pair("region", "country_region", resolver.region)
    resolver.instances()
    resolver.one("site", "country_site", lambda site: site_countries.get(site.strip()), pl.String)
    return resolver.frame.with_columns(
        the_operator=pl.coalesce("the_operator", "the_owner"),
        the_consignee=pl.coalesce("the_consignee", "the_owner"),
        the_status=pl.col("the_status").fill_null(Status.INSTALLED.value),
        country_found=pl.coalesce("country_said", "country_region", "country_site"),
        model=pl.coalesce("model_named", "model_instance"),
        unit_num=pl.col("unit_num").fill_null(1),
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

    def pair(self, column: str, name: str, read: Callable[[str | None, str], str]) -> None:
        """Add `name` from provider and `column`, and `bad_<column>`."""
        rows = [(*asked, *found) for asked, found in self._pairs(column, read)]
        self._join_pairs(column, {name: "String", f"bad_{column}": "Boolean"}, rows)

    def instances(self) -> None:
        """Add model_instance, unit_num, unit_den from provider and instance_type."""
        rows = []
        for asked, (found, failed) in self._pairs("instance_type", self.instance):
            model, count = found if found is not None else (None, None)
            parts = (None, None) if count is None else (count.numerator, count.denominator)
            rows.append((*asked, model, *parts, failed))
        added = {
            "model_instance": "String",
            "unit_num": "Int64",
            "unit_den": "Int64",
            "bad_instance_type": "Boolean",
        }
        self._join_pairs("instance_type", added, rows)

    def accelerator(self, text: str) -> str:
        """Resolve an accelerator's name; a harmless ambiguity is noted."""
        match = self.catalog.find(text)
        if match.note:
            self.faults.note(match.note)
        return _rated(match.accelerator).model

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

    def region(self, provider: str | None, text: str) -> str:
        """Resolve a provider's region to its country; a badly sourced one is noted."""
        if provider is None:
            raise BadText("a region without a provider", "fill the column provider")
        found: Region = find_region(provider, text)
        if found.confidence is Confidence.LOW:
            note = f"region {found.provider} {found.region} is taken for {found.country}"
            self.faults.note(f"{note}, with low confidence: check it")
        return found.country

    def _value(self, column: str, text: str, read: Callable[[str], Any]) -> tuple[Any, bool]:
        if not text:
            return None, False
        try:
            return read(text), False
        except (UnknownName, BadText) as error:
            self.faults.add(column, text, error.message, error.fix)
            return None, True

    def _pairs(
        self, column: str, read: Callable[[str | None, str], Any]
    ) -> list[tuple[tuple[str | None, str], tuple[Any, bool]]]:
        import polars as pl

        if column not in self.frame.columns:
            return []
        provider = pl.col("provider") if "provider" in self.frame.columns else pl.lit(None)
        asked = self.frame.select(
            provider.cast(pl.String).alias("provider"), pl.col(column).cast(pl.String)
        ).unique(maintain_order=True)
        pairs = []
        for first, second in asked.rows():
            text, by = (second or "").strip(), (first or "").strip() or None
            if not text:
                continue
            try:
                pairs.append(((first, second), (read(by, text), False)))
            except (UnknownName, BadText) as error:
                self.faults.add(column, (by, text), error.message, error.fix)
                pairs.append(((first, second), (None, True)))
        return pairs

    def _join_pairs(
        self, column: str, added: Mapping[str, str], rows: list[tuple[Any, ...]]
    ) -> None:
        import polars as pl

        kinds: dict[str, Any] = {name: getattr(pl, kind) for name, kind in added.items()}
        if not rows:
            self.frame = self.frame.with_columns(
                pl.lit(None, kind).alias(name) for name, kind in kinds.items()
            )
        else:
            on = ["provider", column] if "provider" in self.frame.columns else [column]
            schema = {"provider": pl.String, column: pl.String, **kinds}
            table = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
                pl.col(key).cast(self.frame.schema[key]) for key in on
            )
            if on == [column]:
                table = table.drop("provider")
            self.frame = self.frame.join(table, on=on, how="left", nulls_equal=True)
        self.frame = self.frame.with_columns(pl.col(f"bad_{column}").fill_null(value=False))


def _rated(accelerator: Accelerator) -> Accelerator:
    if accelerator.mtpp() is None:
        message, _, fix = refusal(accelerator).partition("; ")
        raise UnknownName(message, fix)
    return accelerator


def _named(text: str) -> str | None:
    return text.strip() or None


def _one_of(what: str, words: Iterable[str]) -> Callable[[str], str]:
    """Give a reader of one of a few words, in any case."""
    known = [str(word) for word in words]
    choices = f"write one of {', '.join(known)}"

    def read(text: str) -> str:
        if text.casefold() in known:
            return text.casefold()
        near = did_you_mean(text, known)
        raise BadText(f"is not a {what}", f"{near} Else {choices}" if near else choices)

    return read
