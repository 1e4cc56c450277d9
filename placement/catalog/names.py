"""From any spelling of an accelerator to the one model it means, or to a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from placement.catalog import overrides as own
from placement.catalog.accelerators import TF32_WIDTHS, Accelerator, shipped, tpp_text
from placement.catalog.instances import find_instance
from placement.catalog.overrides import Override
from placement.catalog.tables import figure, joined, rows
from placement.catalog.unknown import RefusedName, UnknownName, advice
from placement.errors import did_you_mean

USER_ALIASES = "[aliases] in placement.toml"

BANDWIDTH_LINES = (Fraction(6500),)
"""The memory bandwidths, in GB/s, at which a pack that ships tells chips apart."""


@dataclass(frozen=True, slots=True)
class _Slice:
    """A pattern of folded names that stand for parts of chips, or for several.

    `sure` tells a pattern that means nothing else from one that needs a known chip before it.
    """

    pattern: re.Pattern[str]
    what: str
    fix: str
    sure: bool = True


_SLICES = (
    _Slice(
        re.compile(r"(?P<base>.+)-mig-\d.*"),
        "MIG slices of a GPU, not GPUs",
        "the node's gpu.count counts slices there; count the GPUs and write {base}",
    ),
    _Slice(
        re.compile(r"(?P<base>.+)-shared"),
        "time-shared replicas of a GPU, not GPUs",
        "the node's nvidia.com/gpu counts replicas there; count the GPUs and write {base}",
    ),
    _Slice(
        re.compile(r"(?:grid-)?(?P<base>.+)-\d+[abcq]"),
        "a share of a GPU that a virtual machine sees, not a GPU",
        "count the GPUs of the host and write {base}",
        sure=False,
    ),
    _Slice(
        re.compile(r"(?:tpu-)?(?P<base>v\d(?:[ep]|litepod)?)-\d+"),
        "a TPU slice of several chips, not a chip",
        "write it as instance_type with provider gcp, or count the chips and write their model",
    ),
)


@dataclass(frozen=True)
class Match:
    """What a name resolved to.

    `note` is empty, or says that the name covers several models and why that changes no verdict.
    `via` names where the spelling comes from; empty for a model's own name.
    """

    asked: str
    accelerator: Accelerator
    note: str = ""
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Alias:
    """A spelling, the models it may mean in catalogue order, and who spells it so."""

    models: tuple[str, ...]
    via: tuple[str, ...]


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
        self._user_aliases = {joined(alias): target for alias, target in aliases.items()}

    def find(self, name: str) -> Match:
        """Resolve `name`; UnknownName (or RefusedName, if it says too little) where it cannot.

        Case, outer space, and the kind of joint (space, underscore, hyphen) do not matter;
        nothing else is forgiven. A model's own name wins over every alias, a user's alias over
        those of the catalogue. A model without a published rate is found: its `mtpp()` is None.
        """
        return self._find(name, name, ())

    def instance(self, provider: str | None, instance_type: str) -> tuple[Accelerator, Fraction]:
        """Give the accelerator of a cloud's instance type and how many it has (1/8, 8, ...).

        Without a provider the type must belong to one provider only. UnknownName otherwise.
        `find_instance` gives the row itself, with its confidence.
        """
        row = find_instance(provider, instance_type)
        return self.accelerators[row.accelerator], row.count

    def _find(self, asked: str, name: str, seen: tuple[str, ...]) -> Match:
        key = joined(name)
        if key in self._models:
            return Match(asked, self.accelerators[self._models[key]])
        if key in seen:
            raise UnknownName(f"the alias {asked!r} leads back to itself", f"mend {USER_ALIASES}")
        if key in self._user_aliases:
            inner = self._find(asked, self._user_aliases[key], (*seen, key))
            return Match(asked, inner.accelerator, inner.note, (USER_ALIASES, *inner.via))
        if key in _aliases():
            return self._settled(asked, name, _aliases()[key])
        self._refuse_slices(name, key)
        _refuse_instances(name)
        otherwise = f"name it under {USER_ALIASES}, or supply tpp for it in accelerators.csv"
        raise UnknownName(
            f"no accelerator is called {name!r}",
            advice(did_you_mean(name, self._spellings()), otherwise),
        )

    def _settled(self, asked: str, name: str, alias: _Alias) -> Match:
        candidates = [self.accelerators[model] for model in alias.models]
        first, *others = candidates
        if not others:
            return Match(asked, first, "", alias.via)
        if any(_judged_by(other) != _judged_by(first) for other in others):
            listed = ", ".join(f"{one.model} ({_figures(one, candidates)})" for one in candidates)
            raise RefusedName(
                f"{name!r} could be {listed}",
                f"write one of these, or settle it under {USER_ALIASES}",
            )
        listed = ", ".join(one.model for one in candidates)
        note = (
            f"{name!r} could be {listed}; read as {first.model}: TPP, performance density and the "
            "data-centre mark are the same for all, and memory bandwidth is on the same side of "
            f"{' and '.join(map(figure, BANDWIDTH_LINES))} GB/s, so no verdict depends on it"
        )
        return Match(asked, first, note, alias.via)

    def _refuse_slices(self, name: str, key: str) -> None:
        for one in _SLICES:
            found = one.pattern.fullmatch(key)
            if found is None:
                continue
            try:
                base = self._find(name, found["base"], ()).accelerator.model
            except UnknownName as error:
                if not one.sure and not isinstance(error, RefusedName):
                    continue
                base = "the model"
            raise RefusedName(f"{name!r} names {one.what}", one.fix.format(base=base))

    def _spellings(self) -> list[str]:
        return [*self.accelerators, *self._user_aliases, *_spellings()]


def _refuse_instances(name: str) -> None:
    try:
        row = find_instance(None, name)
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
    """Give the place of every override that cannot be used after those before it, and why."""
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
        elif key in _aliases():
            meant = ", ".join(_aliases()[key].models)
            raise RefusedName(
                f"{override.model!r} is another name for {meant}", "write the model's own name"
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
    """Give the sentence for a user's alias; UnknownName where it leads nowhere or is taken."""
    try:
        meant = catalog.find(aliases[alias]).accelerator.model
    except UnknownName as error:
        raise type(error)(f"the alias {alias!r}: {error.message}", error.fix) from None
    if own_model not in (None, meant):
        raise RefusedName(f"the alias {alias!r} is itself the model {own_model}", "rename it")
    if catalog.find(alias).accelerator.model != meant:
        raise RefusedName(f"the alias {alias!r} is given twice", f"keep one in {USER_ALIASES}")
    return f"{alias!r} is read as {meant}, by your {USER_ALIASES}"


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


@cache
def _aliases() -> Mapping[str, _Alias]:
    """Give the shipped aliases by folded spelling, the candidates of all their rows together."""
    order = list(shipped())
    models: dict[str, set[str]] = {}
    via: dict[str, dict[str, None]] = {}
    for row in rows("aliases"):
        key = joined(row["alias"])
        models.setdefault(key, set()).update(row["models"].split("|"))
        via.setdefault(key, {}).update(dict.fromkeys(row["source"].split("; ")))
    return {
        key: _Alias(tuple(sorted(found, key=order.index)), tuple(via[key]))
        for key, found in models.items()
    }


@cache
def _spellings() -> tuple[str, ...]:
    return tuple(row["alias"] for row in rows("aliases"))
