"""Which inventory lines weigh most in a finding: the way from a number back to the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.enums import Counted
from placement.fleet.classification import Classification
from placement.policy import Measured, Row
from placement.policy.row import Amount
from placement.report import Line
from placement.text.decimals import thousandths_text

if TYPE_CHECKING:
    import polars as pl

MOST_LINES = 5

#: (amount in thousandths, line)
_Weighed = tuple[Amount, int]


@dataclass(frozen=True, slots=True)
class Provenance:
    """The heaviest lines of some lots, by subject and place, heaviest first; `also`: of a table."""

    source: str
    by_place: Mapping[str, Mapping[str, list[_Weighed]]]
    also: Provenance | None = None

    def of(self, row: Row) -> tuple[Line, ...]:
        """Return the lines that weigh most in a row's numerator."""
        return self.at(row.subject, row.numerator)

    def at(self, subject: str, where: frozenset[str]) -> tuple[Line, ...]:
        """Return the lines of a subject that weigh most in some places together."""
        found = [
            (amount, of.source, line)
            for of in (self, self.also)
            if of is not None
            for amount, line in of.weighed(subject, where)
        ]
        found.sort(key=lambda one: -one[0])
        return tuple(
            Line(file=file, line=line, amount=thousandths_text(amount))
            for amount, file, line in found[:MOST_LINES]
        )

    def weighed(self, subject: str, where: frozenset[str]) -> list[_Weighed]:
        """Return the lines of a subject in some places, heaviest first."""
        places = self.by_place.get(subject, {})
        found = [weighed for place in places.keys() & where for weighed in places[place]]
        return sorted(found, key=lambda weighed: (-weighed[0], weighed[1]))


def heaviest_lines(
    lots: pl.DataFrame, scope: Classification, source: str, of: Measured
) -> Provenance:
    """Rank lots by their weight in a row; a merged lot is represented by its heaviest line."""
    import polars as pl

    weights = [
        scope.weight(model, of.metric, of.tested_by) for model in lots["model"].unique().to_list()
    ]
    each = {
        w.model: w.each
        for w in weights
        if w.counted is not Counted.NO and of.model in (None, w.model)
    }
    table = pl.DataFrame(
        {"model": list(each), "each": list(each.values())},
        schema={"model": lots.schema["model"], "each": pl.Int64},
    )
    keys = ["subject", "country"]
    # 64 bits are faster; 128 always suffice.
    units = pl.col("line_quantity").cast(pl.Int128) * pl.col("unit_num")
    most = lots.select(units.max()).item() or 0
    wide = most * max(each.values(), default=0) >= 2**62
    quantity = pl.col("line_quantity").cast(pl.Int128 if wide else pl.Int64)
    amount = quantity * pl.col("each") * pl.col("unit_num")
    weighed = (
        lots.lazy()
        .filter(pl.col("line_quantity") > 0)
        .select(*keys, "model", "line_quantity", "unit_num", "unit_den", "line")
        .join(table.lazy(), on="model")
        .select(*keys, "unit_den", "line", amount=amount, rank=amount // pl.col("unit_den"))
    )
    least = weighed.group_by(keys).agg(least=pl.col("rank").top_k(MOST_LINES).min())
    ranked = (
        weighed.join(least, on=keys)
        .filter(pl.col("rank") >= pl.col("least"))
        .sort([*keys, "rank", "line"], descending=[False, False, True, False])
        .group_by(keys, maintain_order=True)
        .head(MOST_LINES)
        .select(*keys, "amount", "unit_den", "line")
        .collect()
    )
    by_place: dict[str, dict[str, list[_Weighed]]] = {}
    for subject, country, value, den, line in ranked.iter_rows():
        places = by_place.setdefault(subject, {})
        exact = value if den == 1 else Fraction(value, den)
        places.setdefault(country, []).append((exact, line))
    return Provenance(source, by_place)
