"""Closed model weights: where they are kept, and how much was trained on abroad."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from placement.compliance.findings import finding, not_applicable
from placement.enums import Comparison, Verdict
from placement.fleet.context import FleetContext
from placement.policy.rules import FinetuneRule, RuleOnWeights, StorageRule
from placement.report import Finding, Line
from placement.text.decimals import plain, share_text

if TYPE_CHECKING:
    from placement.readers.tables.weights import WeightsRow


def judge_storage(rule: StorageRule, case: FleetContext, day: date) -> Iterator[Finding]:
    """Judge where the weights of each closed model are kept."""
    for line, row, owner in _models(rule, case, day):
        if isinstance(row, str):
            yield not_applicable(case.policy, rule, owner, day, row)
            continue
        groups = case.policy.groups_on(day)
        country = site_country(row.storage_site, case)
        at = f"{row.model} at {row.storage_site}"
        if country in groups[rule.places]:
            verdict, reason = Verdict.OK, f"{at}: in {rule.places}"
        elif country in groups[rule.never]:
            verdict, reason = Verdict.BREACH, f"{at}: in {rule.never}"
        elif not (others := _run_by_others(row, case, day, groups[rule.run_from])):
            reason = f"{at}: owned or operated by a company seated in {rule.run_from}"
            verdict = Verdict.OK
        else:
            verdict = Verdict.BREACH
            reason = (
                f"{at}: owned and operated by {', '.join(others)}, seated outside {rule.run_from}"
            )
        yield _found(rule, case, row, owner, line, country, day, verdict, reason)


def judge_finetune(rule: FinetuneRule, case: FleetContext, day: date) -> Iterator[Finding]:
    """Judge the fine-tuning of each closed model abroad, or for customers abroad, all together."""
    tuned: dict[tuple[str, str], list[tuple[int, WeightsRow, str, str]]] = {}
    for line, row, owner in _models(rule, case, day):
        if isinstance(row, str):
            yield not_applicable(case.policy, rule, owner, day, row)
            continue
        if row.finetune_operations is None or row.finetune_site is None:
            yield not_applicable(
                case.policy, rule, owner, day, f"no fine-tuning of {row.model} is recorded"
            )
            continue
        country = site_country(row.finetune_site, case)
        places = case.policy.groups_on(day)[rule.places]
        abroad = country not in places
        seat = row.customer_headquarters
        for_others = seat is not None and seat not in places
        if not abroad and not for_others:
            customer = "for a customer seated there" if seat else "and no customer is named"
            reason = f"{row.model} was fine-tuned in {rule.places}, {customer}"
            yield not_applicable(case.policy, rule, owner, day, reason)
            continue
        where = f"at {row.finetune_site} ({country})" if abroad else f"for a customer in {seat}"
        tuned.setdefault((owner, row.model), []).append((line, row, country, where))
    for (owner, model), parts in tuned.items():
        operations = sum(row.finetune_operations or 0 for _, row, _, _ in parts)
        line, row, country, _ = parts[0]
        limit = Fraction(rule.limit)
        share = Fraction(operations, row.training_operations)
        verdict = Verdict.OK if share <= limit else Verdict.BREACH
        reason = f"{model}: fine-tuned {', '.join(where for _, _, _, where in parts)}"
        found = _found(
            rule, case, row, owner, line, country, day, verdict, reason,
            numerator=str(operations), denominator=str(row.training_operations),
            share=share_text(share, limit, 6), limit=plain(limit),
        )  # fmt: skip
        lines = tuple(
            Line(file=found.lines[0].file, line=at, amount=str(one.finetune_operations))
            for at, one, _, _ in parts
        )
        yield found.model_copy(update={"lines": lines})


def site_country(site: str, case: FleetContext) -> str:
    """Return the country of a site that was checked to be known."""
    if case.sites is not None and site in case.sites.places:
        return case.sites.places[site].country
    lots = case.books.timeline.inventory.lots
    return str(lots.filter(lots["site"] == site)["country"][0])


def _models(
    rule: RuleOnWeights, case: FleetContext, day: date
) -> Iterator[tuple[int, WeightsRow | str, str]]:
    """Return the lines of closed models whose owners are bound, or the reason why there is none."""
    off = case.policy.not_in_force(rule, day)
    if off is None and case.weights is None:
        off = "no weights.csv was given, so nothing is known of model weights"
    if off is not None or case.weights is None:
        yield 0, off or "", "all owners"
        return
    if not case.weights.rows:
        yield (
            0,
            f"{case.weights.file} has no rows, so nothing is known of model weights",
            "all owners",
        )
        return
    closed = 0
    for line, row in case.weights.rows:
        if row.published or row.training_operations < Fraction(rule.controlled_from):
            continue
        closed += 1
        owner = case.companies.parents[row.owner]
        reason = case.policy.not_bound(rule, owner, day)
        yield line, row if reason is None else reason, owner.name
    if not closed:
        reason = f"no closed model has {rule.controlled_from} training operations or more"
        yield 0, reason, "all owners"


def _run_by_others(
    row: WeightsRow, case: FleetContext, day: date, seats: frozenset[str]
) -> list[str]:
    """Return who has kit at the storage site that nobody seated in some countries owns or operates.

    Where nothing stands on the day, the model's owner is asked.
    """
    lots = case.books.timeline.lots_on(day)
    here = lots.filter(lots["site"] == row.storage_site).select("owner", "operator").unique()
    parents = case.companies.parents
    pairs = here.rows() or [(row.owner, row.owner)]
    return sorted(
        {
            name
            for pair in pairs
            if not any(parents[name].headquarters in seats for name in pair)
            for name in pair
        }
    )


def _found(
    rule: RuleOnWeights,
    case: FleetContext,
    row: WeightsRow,
    owner: str,
    line: int,
    country: str,
    day: date,
    verdict: Verdict,
    reason: str,
    **amounts: str,
) -> Finding:
    file = case.weights.file if case.weights is not None else ""
    return finding(
        case.policy,
        rule,
        owner,
        day,
        verdict,
        place=country,
        comparison=Comparison.AT_MOST,
        reason=reason,
        item=row.model,
        lines=(Line(file=file, line=line, amount=str(row.training_operations)),),
        **amounts,
    )
