"""A program in floats, as HiGHS takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from placement.lp.scaling import Scaling, floats

if TYPE_CHECKING:
    from placement.lp.exact_arrays import Bools, Floats, Ints
    from placement.lp.program import Program


@dataclass(frozen=True, slots=True)
class Model:
    """Arrays by column and by row; ends may be infinite; the entries by columns or `by_rows`."""

    cost: Floats
    lower: Floats
    upper: Floats
    whole: Bools
    row_lower: Floats
    row_upper: Floats
    starts: Ints
    indices: Ints
    values: Floats
    by_rows: bool = False


def model_of(program: Program, image: Scaling, *, whole: bool, free_upper: bool = False) -> Model:
    """Return a program as arrays of floats, scaled.

    `free_upper`: without upper bounds that rows imply, so that the rows get the duals.
    """
    import numpy as np

    upper = floats(program.upper, -image.columns)
    # A dual on the bound of a column that follows from others would be lost to the proof.
    free = program.implied if free_upper else ~(program.decides | whole)
    low, high = floats(program.row_lower, image.rows), floats(program.row_upper, image.rows)
    scales = image.rows[program.row_of] + image.columns[program.indices]
    return Model(
        floats(program.objective, image.columns + image.cost),
        floats(program.lower, -image.columns),
        np.where(free, np.inf, upper),
        program.integer if whole else np.zeros(len(program.columns), dtype=bool),
        np.where(program.has_lower, low, -np.inf),
        np.where(program.has_upper, high, np.inf),
        program.starts,
        program.indices,
        floats(program.values, scales),
        by_rows=True,
    )


def loaded(model: Model, api: Any) -> Any:
    """Return the model as a `HighsLp`."""
    import numpy as np

    found = api.HighsLp()
    found.num_col_, found.num_row_ = len(model.cost), len(model.row_lower)
    found.col_cost_, found.col_lower_, found.col_upper_ = model.cost, model.lower, model.upper
    found.row_lower_, found.row_upper_ = model.row_lower, model.row_upper
    forms = api.MatrixFormat
    found.a_matrix_.format_ = forms.kRowwise if model.by_rows else forms.kColwise
    found.a_matrix_.start_ = model.starts.astype(np.int32)
    found.a_matrix_.index_ = model.indices.astype(np.int32)
    found.a_matrix_.value_ = model.values
    if model.whole.any():
        kinds = api.HighsVarType
        found.integrality_ = [
            kinds.kInteger if whole else kinds.kContinuous for whole in model.whole.tolist()
        ]
    return found
