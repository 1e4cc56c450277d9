"""Notices: was each filed early enough before what it announces.

A notice is due on the last day that is early enough; from then on the day judged sees it. New
sites take it from `notice_filed` of sites.csv, transfers from the lot's own line, or (the first
lot in a country) from the site. Where no file has such a column nobody said what was filed, and
nothing is judged; in a file that has it, a blank cell says that nothing was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from placement.compliance.findings import finding, not_applicable
from placement.enums import Comparison, Counted, Verdict
from placement.fleet.context import FleetContext
from placement.policy.rules import NoticeRule
from placement.report import Finding, Line

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class _Action:
    """Something that needs a notice: what, where, when, by which line; and when it was filed."""

    subject: str
    site: str
    country: str
    day: date
    line: int
    what: str
    filed: date | None


def judge_notice(rule: NoticeRule, case: FleetContext, day: date) -> Iterator[Finding]:
    """Judge the notices that are due by a day, of everyone bound."""
    policy = case.policy
    off = policy.not_in_force(rule, day)
    subjects = case.companies.judged
    if off is None and not _recorded(rule, case):
        column = (
            "a sites.csv with a column notice_filed"
            if rule.of == "new_site"
            else "a column notice_filed in the inventory, or in sites.csv"
        )
        off = f"the tables do not say which notices were filed: give {column}"
    actions: dict[str, list[_Action]] = {}
    if off is None:
        for one in _actions(rule, case):
            if rule.file_by(one.day) <= day and one.country in _places(rule, case, one.day):
                actions.setdefault(one.subject, []).append(one)
    for name in sorted(subjects):
        reason = off or policy.not_bound(rule, subjects[name], day)
        if reason is None and name not in actions:
            reason = f"{name} has no notice to file by {day}"
        if reason is not None:
            yield not_applicable(policy, rule, name, day, reason)
            continue
        for one in actions[name]:
            yield _finding(rule, case, one, day)


def _finding(rule: NoticeRule, case: FleetContext, one: _Action, day: date) -> Finding:
    due = rule.file_by(one.day)
    if one.filed is None:
        verdict, reason = Verdict.BREACH, f"{one.what}: no notice is recorded, it was due on {due}"
    elif one.filed > due:
        verdict, reason = Verdict.BREACH, f"{one.what}: filed on {one.filed}, it was due on {due}"
    else:
        verdict, reason = Verdict.OK, f"{one.what}: filed on {one.filed}, due on {due}"
    return finding(
        case.policy,
        rule,
        one.subject,
        day,
        verdict,
        place=one.country,
        comparison=Comparison.AT_LEAST,
        reason=reason,
        item=one.site,
        forecast=one.day > day,
        numerator=None if one.filed is None else str((one.day - one.filed).days),
        limit=str(rule.days),
        lines=(Line(file=case.source, line=one.line, amount="0"),),
    )


def _recorded(rule: NoticeRule, case: FleetContext) -> bool:
    by_site = case.sites is not None and case.sites.has_notices
    return by_site or (rule.of == "transfer" and case.has_notices)


def _places(rule: NoticeRule, case: FleetContext, day: date) -> frozenset[str]:
    return case.policy.groups_on(day)[rule.places]


def _actions(rule: NoticeRule, case: FleetContext) -> Iterator[_Action]:
    """Return what needs the notice, from the day on which the rule began."""
    import polars as pl

    begins = max(
        (day for day in (case.policy.schedules[rule.schedule].first, rule.since) if day),
        default=None,
    )
    models = [
        model
        for model in case.books.timeline.lots["model"].unique().to_list()
        if case.scope.weight(model, "tpp").counted is not Counted.NO
    ]
    lots = case.books.timeline.lots.filter(pl.col("model").is_in(models))
    found = _new_sites(lots, case) if rule.of == "new_site" else _transfers(lots, case)
    for one in found:
        if begins is None or one.day >= begins:
            yield one


def _new_sites(lots: pl.DataFrame, case: FleetContext) -> Iterator[_Action]:
    for row in _first(lots, ["subject", "site"]).iter_rows(named=True):
        filed = _filed_for(row["site"], case)
        what = f"new site {row['site']}, first lot on {row['start']}"
        yield _Action(
            row["subject"], row["site"], row["country"], row["start"], row["line"], what, filed
        )


def _transfers(lots: pl.DataFrame, case: FleetContext) -> Iterator[_Action]:
    import polars as pl

    moved = lots.filter(
        pl.col("start").is_not_null()
        & pl.col("from_country").is_not_null()
        & (pl.col("from_country") != pl.col("country"))
    )
    told: set[int] = set()
    for row in moved.sort(["start", "line"]).iter_rows(named=True):
        told.add(row["line"])
        home = case.books.ledger.home(row["start"])
        # Only the lot's own line can say when notice of its transfer was filed.
        if not case.has_notices or {row["from_country"], row["country"]} <= home:
            continue
        what = f"transfer from {row['from_country']} on {row['start']}"
        yield _Action(
            row["subject"],
            row["site"],
            row["country"],
            row["start"],
            row["line"],
            what,
            row.get("notice_filed"),
        )
    for row in _first(lots, ["subject", "country"]).iter_rows(named=True):
        # One that came from the country itself is not the first that stood there.
        stayed = row["from_country"] == row["country"]
        home = case.books.ledger.home(row["start"])
        if row["line"] in told or stayed or row["country"] in home:
            continue
        filed = row.get("notice_filed") or _filed_for(row["site"], case)
        what = f"first lot in {row['country']} on {row['start']}"
        yield _Action(
            row["subject"], row["site"], row["country"], row["start"], row["line"], what, filed
        )


def _first(lots: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return the first lot of each key; none where one stood there always."""
    import polars as pl

    always = lots.filter(pl.col("start").is_null()).select(keys).unique()
    dated = lots.filter(pl.col("start").is_not_null()).join(always, on=keys, how="anti")
    return dated.sort(["start", "line"]).unique(subset=keys, keep="first", maintain_order=True)


def _filed_for(site: str, case: FleetContext) -> date | None:
    known = case.sites.places.get(site) if case.sites is not None else None
    return None if known is None else known.notice_filed
