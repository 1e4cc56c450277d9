"""From any spelling of an accelerator to the one model it means, or to a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

from placement.catalog import overrides as own
from placement.catalog.accelerators import TF32_WIDTHS, Accelerator, shipped, tpp_text
from placement.catalog.aliases import Alias, alias_of, spellings
from placement.catalog.csv_tables import figure
from placement.catalog.errors import RefusedName, UnknownName, advice
from placement.catalog.instances import find_instance
from placement.catalog.near import chips_near
from placement.catalog.overrides import Override
from placement.catalog.parts import refuse_parts
from placement.catalog.providers import provider_key
from placement.catalog.spelling import joined, loose
from placement.catalog.units import LARGEST_SERVER, Holder, HolderName, find_holder
from placement.enums import Unit

USER_ALIASES = "[aliases] in placement.toml"

BANDWIDTH_LINES = (Fraction(6500),)
"""The memory bandwidths, in GB/s, at which a pack that ships tells chips apart."""


@dataclass(frozen=True)
class Match:
    """What a name resolved to.

    `note` is empty, or says that the name covers several models and why that changes no verdict.
    `via` names where the spelling comes from; empty for a model's own name. `count`: how many
    accelerators one of what was named is (1, but for servers and racks).
    """

    asked: str
    accelerator: Accelerator
    note: str = ""
    via: tuple[str, ...] = ()
    count: int = 1


class Catalog:
    """The accelerators, with a user's changes, under all their names.

    Build it with `load_catalog`. `accelerators` is by model name; `changes` has one sentence for
    every override, addition and alias of the user, to be shown with any result.
    """

    def __init__(
        self,
        accelerators: Mapping[str, Accelerator],
        aliases: Mapping[str, str],
        changes: tuple[str, ...],
    ) -> None:
        self.accelerators = accelerators
        self.changes = changes
        self._models = {joined(model): model for model in accelerators}
        self._own_models = {loose(one): one for one in accelerators.keys() - shipped().keys()}
        self._user_aliases = {joined(alias): target for alias, target in aliases.items()}
        self._loose_aliases = _settled_once(aliases)

    def find(self, name: str, provider: str | None = None) -> Match:
        """Resolve `name`; UnknownName (or RefusedName, if it says too little) where it cannot.

        Case, outer space, the kind of joint (space, underscore, hyphen), a maker's name before it
        and the spelling of gigabytes do not matter; what has two meanings then is refused, with
        both. A model's own name wins over every alias, a user's alias over those of the catalogue,
        and what a cloud calls a chip counts where `provider` names that cloud. HolderName for a
        server or rack. A model without a published rate is found: its `mtpp()` is None.
        """
        return self._find(name, name, _known(provider), ())

    def find_counted(self, name: str, unit: Unit | None, provider: str | None = None) -> Match:
        """Resolve a name whose quantity counts `unit`s (None: not said, so accelerators).

        `Match.count` is how many accelerators one of them holds: exactly that of the server or
        rack that is named, of the alias, or else the model's purchase unit. RefusedName where that
        is not known, or contradicts the unit.
        """
        held = None if joined(name) in self._user_aliases else find_holder(name)
        if unit is None:
            return self.find(name, provider)
        if held is not None:
            return self._held(name, held, unit)
        match = self.find(name, provider)
        if unit is Unit.ACCELERATOR:
            if match.count != 1:
                raise RefusedName(
                    f"{name!r} is {match.count} x {match.accelerator.model} by your "
                    f"{USER_ALIASES}, and the unit says accelerator",
                    "mend one of them",
                )
            return match
        if match.count != 1:
            return match
        return replace(match, count=_in_purchase_unit(match.accelerator, unit))

    def instance(self, provider: str | None, instance_type: str) -> tuple[Accelerator, Fraction]:
        """Return the accelerator of a cloud's instance type and how many it has (1/8, 8, ...).

        Without a provider the type must belong to one provider only. UnknownName otherwise.
        `find_instance` gives the row itself, with its confidence.
        """
        row = find_instance(provider, instance_type)
        return self.accelerators[row.accelerator], row.count

    def _find(self, asked: str, name: str, provider: str | None, seen: tuple[str, ...]) -> Match:
        key, folded = joined(name), loose(name)
        if key in self._models:
            return Match(asked, self.accelerators[self._models[key]])
        if key in seen:
            raise UnknownName(f"the alias {asked!r} leads back to itself", f"mend {USER_ALIASES}")
        alias = key if key in self._user_aliases else self._loose_aliases.get(folded)
        if alias is not None and alias not in seen:
            many, what = _multiple(self._user_aliases[alias])
            inner = self._find(asked, what, provider, (*seen, key, alias))
            return replace(inner, count=inner.count * many, via=(USER_ALIASES, *inner.via))
        if folded in self._own_models:
            return Match(asked, self.accelerators[self._own_models[folded]])
        if (held := find_holder(name)) is not None:
            raise HolderName(name, held)
        if (shared := alias_of(name, provider)) is not None:
            return self._settled(asked, name, shared)
        refuse_parts(name, lambda part: self._find(name, part, provider, ()).accelerator.model)
        _refuse_instances(name)
        otherwise = f"name it under {USER_ALIASES}, or supply tpp for it in accelerators.csv"
        raise UnknownName(f"no accelerator is called {name!r}", advice(self._near(name), otherwise))

    def _settled(self, asked: str, name: str, alias: Alias) -> Match:
        candidates = [self.accelerators[model] for model in alias.models]
        first, *others = candidates
        if not others:
            return Match(asked, first, "", alias.via)
        if any(_judged_by(other) != _judged_by(first) for other in others):
            listed = ", ".join(
                f"{candidate.model} ({_figures(candidate, candidates)})" for candidate in candidates
            )
            raise RefusedName(
                f"{name!r} could be {listed}",
                f"write one of these, or settle it under {USER_ALIASES}",
            )
        listed = ", ".join(candidate.model for candidate in candidates)
        note = (
            f"{name!r} could be {listed}; read as {first.model}: TPP, performance density and the "
            "data-centre mark are the same for all, and memory bandwidth is on the same side of "
            f"{' and '.join(map(figure, BANDWIDTH_LINES))} GB/s, so no verdict depends on it"
        )
        return Match(asked, first, note, alias.via)

    def _held(self, name: str, held: Holder, unit: Unit) -> Match:
        """Return the model in a server or rack that is named, and how many a unit holds."""
        if unit not in (Unit.ACCELERATOR, held.unit):
            raise RefusedName(
                f"{name!r} names a {held.unit} of {held.count} {held.one_model}, and the unit says "
                f"{unit}",
                f"write {held.unit} or accelerator",
            )
        match = self._settled(name, name, Alias(held.models, (held.source,)))
        return match if unit is Unit.ACCELERATOR else replace(match, count=held.count)

    def _near(self, name: str) -> str:
        own = {accelerator: (accelerator,) for accelerator in self.accelerators}
        mine: dict[str, tuple[str, ...]] = {}
        for alias, target in self._user_aliases.items():
            model = self._models.get(joined(_multiple(target)[1]))
            if model is not None:
                mine[alias] = (model,)
        known = {**spellings(), **mine, **own}
        return chips_near(
            name, known, lambda one: tuple(self.accelerators[model] for model in known[one])
        )


def _settled_once(aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the alias of each loose spelling, without spellings that several aliases differ on."""
    found: dict[str, dict[str, str]] = {}
    for alias, target in aliases.items():
        found.setdefault(loose(alias), {})[joined(target)] = joined(alias)
    return {key: next(iter(one.values())) for key, one in found.items() if len(one) == 1}


def _known(provider: str | None) -> str | None:
    """Return the short name of a cloud; None where it is no cloud of the catalogue."""
    try:
        return provider_key(provider) if provider is not None else None
    except UnknownName:
        return None


_MULTIPLE = re.compile(r"\s*([1-9][0-9]{0,3})\s*[xX\u00d7*]\s+(\S.*)")


def _multiple(target: str) -> tuple[int, str]:
    """Return how many of what an alias stands for: `72 x GB300` is 72 and `GB300`."""
    found = _MULTIPLE.fullmatch(target)
    return (int(found[1]), found[2]) if found else (1, target)


def _in_purchase_unit(accelerator: Accelerator, unit: Unit) -> int:
    """Return how many a server or rack of a model holds, where it is bought in such."""
    held = accelerator.purchase_unit
    fits = held is not None and held > 1 and (held > LARGEST_SERVER) == (unit is Unit.RACK)
    if not fits or held is None:
        raise RefusedName(
            f"how many {accelerator.model} a {unit} holds is not in the catalogue",
            "write the number of accelerators, and accelerator in the column unit",
        )
    return held


def _refuse_instances(name: str) -> None:
    try:
        row = find_instance(None, name)
    except RefusedName as error:
        raise RefusedName(f"{name!r} is no accelerator: {error.message}", error.fix) from None
    except UnknownName:
        return
    raise RefusedName(
        f"{name!r} is an instance type with {row.count} x {row.accelerator}, not an accelerator",
        "write it in the column instance_type, where quantity counts instances",
    )


def load_catalog(
    overrides: Iterable[Override] = (), aliases: Mapping[str, str] | None = None
) -> Catalog:
    """Build the catalogue from the shipped tables and a user's changes to them.

    `aliases` maps a name to a model, or to another name that resolves. UnknownName where an
    override or an alias cannot be used: its target is unknown, a new model has no TPP, a model
    is given twice, a name is taken.
    """
    changed = _Changed()
    for override in overrides:
        changed.take(override)
    accelerators, models, changes = changed.accelerators, changed.models, changed.sentences
    wanted = dict(aliases or {})
    catalog = Catalog(MappingProxyType(accelerators), wanted, ())
    changes += [_aliased(catalog, alias, wanted, models.get(joined(alias))) for alias in wanted]
    return Catalog(MappingProxyType(accelerators), wanted, tuple(changes))


def refused_overrides(overrides: Iterable[Override]) -> list[tuple[int, UnknownName]]:
    """Return the place of every override that cannot be used after those before it, and why."""
    changed = _Changed()
    refused = []
    for place, override in enumerate(overrides):
        try:
            changed.take(override)
        except UnknownName as error:
            refused.append((place, error))
    return refused


class _Changed:
    """The shipped accelerators with the overrides taken so far, and a sentence for each.

    `models` gives the model by its folded name.
    """

    def __init__(self) -> None:
        self.accelerators = dict(shipped())
        self.models = {joined(model): model for model in self.accelerators}
        self.sentences: list[str] = []
        self._given: set[str] = set()

    def take(self, override: Override) -> None:
        """Apply one override; UnknownName, and no change, where it cannot be used."""
        own.check(override)
        key = joined(override.model)
        if key in self._given:
            raise UnknownName(f"{override.model!r} is given twice", "keep one row of accelerators")
        if key in self.models:
            new, sentence = own.changed(self.accelerators[self.models[key]], override)
        elif (alias := alias_of(override.model, None)) is not None:
            raise RefusedName(
                f"{override.model!r} is another name for {', '.join(alias.models)}",
                "write the model's own name",
            )
        elif (held := find_holder(override.model)) is not None:
            raise RefusedName(
                f"{override.model!r} names a {held.unit} of {held.count} {held.one_model}",
                "write the model's own name, and its figures for one accelerator",
            )
        else:
            new, sentence = own.added(override)
        self._given.add(key)
        self.models[key] = new.model
        self.accelerators[new.model] = new
        self.sentences.append(sentence)


def _aliased(
    catalog: Catalog, alias: str, aliases: Mapping[str, str], own_model: str | None
) -> str:
    """Return the sentence for a user's alias; UnknownName where it leads nowhere or is taken."""
    try:
        meant = catalog.find(_multiple(aliases[alias])[1]).accelerator.model
    except UnknownName as error:
        kind = RefusedName if isinstance(error, RefusedName) else UnknownName
        raise kind(f"the alias {alias!r}: {error.message}", error.fix) from None
    if own_model not in (None, meant):
        raise RefusedName(f"the alias {alias!r} is itself the model {own_model}", "rename it")
    if catalog.find(alias).accelerator.model != meant:
        raise RefusedName(f"the alias {alias!r} is given twice", f"keep one in {USER_ALIASES}")
    many = catalog.find(alias).count
    counted = f"{many} x {meant}" if many != 1 else meant
    return f"{alias!r} is read as {counted}, by your {USER_ALIASES}"


def _judged_by(accelerator: Accelerator) -> tuple[object, ...]:
    """Everything about a model that a verdict can rest on."""
    return (
        *(accelerator.mtpp(width) for width in TF32_WIDTHS),
        accelerator.datacenter,
        accelerator.performance_density,
        _below_lines(accelerator),
    )


def _below_lines(accelerator: Accelerator) -> tuple[bool, ...] | None:
    """Tell of each line whether the bandwidth is below it; how far is nothing to a verdict."""
    bandwidth = accelerator.memory_bandwidth_gb_s
    return None if bandwidth is None else tuple(bandwidth < line for line in BANDWIDTH_LINES)


def _figures(one: Accelerator, among: list[Accelerator]) -> str:
    """Write a candidate's TPP, and the other figures by which the candidates differ."""
    mtpp = one.mtpp()
    parts = ["no published rate" if mtpp is None else f"TPP {tpp_text(mtpp)}"]
    if len({other.datacenter for other in among}) > 1:
        marks = {True: "for data centres", False: "not for data centres", None: "use unknown"}
        parts.append(marks[one.datacenter])
    if len({other.mtpp() for other in among}) == 1:
        densities = {other.performance_density for other in among}
        if len(densities) > 1:
            parts.append(f"performance density {figure(one.performance_density)}")
    if len({_below_lines(other) for other in among}) > 1:
        parts.append(f"memory bandwidth in GB/s {figure(one.memory_bandwidth_gb_s)}")
    return ", ".join(parts)
