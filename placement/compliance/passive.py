"""Passive breaches: a share above its limit although nothing came there since it was within it.

With the option `limit_on = "transfers"` a share binds only what is brought to a place, so that a
passive breach, and one by lots that came before the rule was measured first, is none. Lots without
a date were always there: nobody brought them.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property

from placement.enums import Comparison, Counted, Measure, Verdict, Which
from placement.fleet.classification import Tally, tally
from placement.fleet.context import FleetContext
from placement.fleet.positions import Position
from placement.policy import Measured, Row
from placement.policy.rules import RuleOnTotals
from placement.report import Finding
from placement.text.decimals import percent_text


class Passive:
    """Looks at the day of the last arrival behind each breach of a share."""

    def __init__(self, case: FleetContext) -> None:
        self._case = case
        self._tallies: dict[tuple[str, date, Measured], Tally] = {}
        self._positions: dict[date, Position] = {}

    def named(self, found: Finding, rule: RuleOnTotals, row: Row) -> Finding:
        """Name a passive breach as such; other findings stay as they are."""
        at_most_share = row.is_share and row.comparison is Comparison.AT_MOST
        of = row.of
        if (
            found.verdict is not Verdict.BREACH
            or not at_most_share
            or rule.about != "owner"
            or (of.measure, of.by, of.which) != (Measure.STOCK, "country", Which.ALL)
        ):
            return found
        transfers = self._case.policy.answers.of("limit_on") == "transfers"
        if not transfers and row.subject not in self._ends:
            return found
        last = self._last_arrival(row)
        # What has no date was always there: then the first day of all is looked at.
        if not self._shrank(row.subject, last or date.min, row.day):
            return self._of_old(found, rule, last)
        then = self._then(row, last or date.min).readings(row)[0]
        share = row.share(then.part, then.whole)
        if share is not None and last != row.day and row.is_kept(then.part, then.whole):
            since = f"since {last}, when" if last else "on any date, and before all of them"
            was = percent_text(share, row.limit)
            reason = (
                f"passive: nothing came here {since} the share was {was}; "
                "the rest of the fleet shrank"
            )
            verdict = Verdict(self._case.policy.answers.of("passive"))
            if transfers:
                verdict, reason = Verdict.OK, f"{reason}; limit_on = transfers"
            return _changed(found, verdict, reason, passive=True)
        return self._of_old(found, rule, last)

    def _of_old(self, found: Finding, rule: RuleOnTotals, last: date | None) -> Finding:
        """Free what came before the rule was first measured, where only transfers are bound."""
        if self._case.policy.answers.of("limit_on") != "transfers":
            return found
        first = self._case.policy.schedules[rule.schedule].first
        if last is None:
            reason = (
                "lots without a date are taken as always here, so nothing was brought here: "
                "fill arrived where that is not so; limit_on = transfers"
            )
        elif first is not None and last < first:
            reason = f"nothing came here since {last}, before {first}; limit_on = transfers"
        else:
            return found
        return _changed(found, Verdict.OK, reason, passive=False)

    def _then(self, row: Row, day: date) -> Tally:
        if day not in self._positions:
            self._positions[day] = self._case.books.shares.on(day)
        key = (row.subject, day, row.of)
        if key not in self._tallies:
            fleet = self._positions[day].fleets.get(row.subject, {})
            self._tallies[key] = tally(fleet, self._case.scope, row.of)
        return self._tallies[key]

    def _shrank(self, subject: str, since: date, until: date) -> bool:
        """Tell whether anything of a subject left after one day and up to another."""
        return any(since < day <= until for day in self._ends.get(subject, ()))

    def _last_arrival(self, row: Row) -> date | None:
        """Return the last day up to the row's on which a counted lot came to its places."""
        return self.last_arrival(row.subject, row.numerator, row.day)

    def last_arrival(self, subject: str, places: frozenset[str], until: date) -> date | None:
        """Return the last day on which a counted lot of a subject came to some places."""
        came = self._arrivals.get(subject, {})
        days = [
            day
            for place in places & came.keys()
            for origin, day in came[place]
            if day <= until and origin not in places
        ]
        return max(days, default=None)

    @cached_property
    def _ends(self) -> dict[str, list[date]]:
        """The days on which lots left, by subject."""
        lots = self._case.books.shares.lots
        found: dict[str, list[date]] = {}
        for subject, day in lots.select("subject", "end").unique().drop_nulls().iter_rows():
            found.setdefault(subject, []).append(day)
        return found

    @cached_property
    def _arrivals(self) -> dict[str, dict[str, list[tuple[str | None, date]]]]:
        """From where counted lots came, and when, by subject and country."""
        import polars as pl

        lots = self._case.books.shares.lots
        counted = [
            model
            for model in lots["model"].unique().to_list()
            if self._case.scope.weight(model, "tpp").counted is not Counted.NO
        ]
        dated = lots.filter(pl.col("start").is_not_null() & pl.col("model").is_in(counted))
        found: dict[str, dict[str, list[tuple[str | None, date]]]] = {}
        keys = ["subject", "country", "from_country", "start"]
        for subject, country, origin, day in dated.select(keys).unique().iter_rows():
            found.setdefault(subject, {}).setdefault(country, []).append((origin, day))
        return found


def _changed(found: Finding, verdict: Verdict, reason: str, *, passive: bool) -> Finding:
    reasons = [text for text in (found.reason, reason) if text]
    return found.model_copy(
        update={"verdict": verdict, "reason": "; ".join(reasons), "passive": passive}
    )
