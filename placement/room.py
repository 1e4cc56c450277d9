"""What still fits: how many accelerators of one model may be added at one place.

Adding n accelerators of u thousandths each moves a row's excess from e to e + n * u * a, where a
is the row's integer coefficient at the place (q - p in numerator and denominator, -p in the
denominator only, q for an amount). So for each rule:

    a > 0, kept:     n <= floor(-e / (a * u))
    a > 0, broken:   n <= 0, since any more makes it worse (but a share of 100 % stays one)
    a < 0, broken:   n >= ceil(e / (-a * u))
    a = 0, broken:   no n here helps

The answer is an interval: the least that makes everything comply, the most that breaks or
worsens nothing, each end with its rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from placement.errors import Problem, UsageError
from placement.policy import Row, Subject
from placement.policy.row import Amount
from placement.position import Fleet
from placement.scope import PARTS, Scope, tally
from placement.vocabulary import Comparison, Counted


@dataclass(frozen=True, slots=True)
class End:
    """One end of an interval, and the rule and place of its row."""

    amount: int
    rule: str
    place: str


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many accelerators of a model may be added at a place.

    `least` None: everything complies already. `most` None: no upper end. `hopeless` names the
    broken rows that no addition here can mend; `bound`: whether any rule binds the subject.
    """

    subject: str
    place: str
    model: str
    day: date
    least: End | None
    most: End | None
    hopeless: tuple[tuple[str, str], ...]
    bound: bool

    @property
    def complies(self) -> bool:
        """Whether some amount here makes, or leaves, everything compliant."""
        if self.hopeless:
            return False
        low = self.least.amount if self.least is not None else 0
        return self.most is None or low <= self.most.amount


def headroom(
    fleet: Fleet, subject: Subject, place: str, model: str, day: date, scope: Scope
) -> Headroom:
    """Solve every row that binds the subject for the number of accelerators added at a place.

    UsageError where it is unknown whether the model counts at all.
    """
    least: End | None = None
    most: End | None = None
    hopeless: list[tuple[str, str]] = []
    bound = False
    for row, excess, each, at_its_worst in _rows(fleet, subject, place, model, day, scope):
        bound = True
        slope = row.coefficient(place) * each
        if slope > 0 and not at_its_worst:
            room = max(0, -excess // slope)
            if most is None or room < most.amount:
                most = End(room, row.rule, row.place)
        if excess > 0:
            if slope >= 0:
                hopeless.append((row.rule, row.place))
                continue
            need = -(excess // slope)  # ceil(excess / -slope)
            if least is None or need > least.amount:
                least = End(need, row.rule, row.place)
    return Headroom(subject.name, place, model, day, least, most, tuple(hopeless), bound)


def _rows(
    fleet: Fleet, subject: Subject, place: str, model: str, day: date, scope: Scope
) -> Iterable[tuple[Row, int, int, bool]]:
    """Give each row that binds, its excess and the model's weight in it, and `at_its_worst`."""
    for rule in scope.policy.pack.rules:
        if scope.policy.not_bound(rule, subject, day) is not None:
            continue
        weight = scope.weight(model, rule.metric)
        if weight.counted is Counted.UNKNOWN:
            raise UsageError(
                Problem(
                    f"it is unknown whether {model} counts",
                    f"supply its {', '.join(weight.missing)} in accelerators.csv",
                )
            )
        each = weight.each if weight.counted is Counted.YES else 0
        own = tally(fleet, scope, rule.metric)
        for row in scope.policy.rows(rule, subject.name, day, own.places | {place}):
            part, whole = own.parts(row)
            stated = row.excess(part, whole)
            unknown = (high for swing, _, high in own.swings(row, stated) if swing.missing)
            excess = PARTS * stated + sum(unknown)
            # Multiplied out where parts of a chip are counted: the row stays exact.
            yield (
                row,
                excess.numerator,
                PARTS * each * excess.denominator,
                _at_its_worst(row, part, whole),
            )


def _at_its_worst(row: Row, part: Amount, whole: Amount) -> bool:
    """Tell whether a broken share is at 100 % (a floor: at 0 %), where no more worsens it."""
    if not row.is_share or row.excess(part, whole) <= 0:
        return False
    return part == whole if row.comparison is Comparison.AT_MOST else part == 0
