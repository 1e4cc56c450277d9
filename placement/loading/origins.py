"""Where each setting of a run comes from: a flag, the environment, a configuration, a default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from placement.policy import DEFAULT_PACK
from placement.readers.config.margins import Margin
from placement.readers.config.money import in_currency
from placement.readers.config.placement_toml import Config, ConfigFile, FilesSection
from placement.text.decimals import plain
from placement.text.toml_writer import toml_key, toml_value


class Origin(StrEnum):
    """Who says a setting; the first of these that does is heard."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    BESIDE = "beside"  # no one names the table; it lies where it is looked for
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Given:
    """What a flag (`--policy`) or a variable says; `by` is its name."""

    value: object
    origin: Origin
    by: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `value` as TOML writes it (None: not set), who says it, and on which line."""

    key: str
    value: str | None
    origin: Origin
    by: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Origins:
    """All settings of a run, and the configuration that counts (None: there is none)."""

    file: str | None
    settings: tuple[Setting, ...] = field(default_factory=tuple)


#: Which key of a configuration an option stands for.
_KEYS: Mapping[str, tuple[str, str]] = {
    **{name: ("placement", name) for name in ("policy", "headquarters", "authorization")},
    **{
        name: ("files", name)
        for name in ("entities", "sites", "shipments", "weights", "opening")
    },
    **{
        name: ("optimize", name)
        for name in ("objective", "solver", "effort", "gap", "time_limit")
    },
}  # fmt: skip
_WHOSE = (("files", "entities"), ("placement", "headquarters"), ("placement", "authorization"))


def origins_of(
    config: ConfigFile | None, given: Mapping[str, Given], options: Mapping[str, Given]
) -> Origins:
    """Return every setting by its key in a placement.toml.

    `given`: what options say, by their names; `options`: their answers to open questions of packs.
    """
    placed = {_KEYS[name]: one for name, one in given.items() if name in _KEYS}
    if any(key in placed for key in _WHOSE):
        said = next(placed[key] for key in _WHOSE if key in placed)
        placed = {**dict.fromkeys(_WHOSE, Given(None, said.origin, said.by)), **placed}
    settings = [*_sections(config, placed), *_answers(config, options)]
    settings += [
        Setting(name, _shown(one.value), one.origin, one.by)
        for name, one in given.items()
        if name not in _KEYS
    ]
    return Origins(None if config is None else config.file, tuple(settings))


def _sections(
    config: ConfigFile | None, given: Mapping[tuple[str, str], Given]
) -> Iterator[Setting]:
    read = Config() if config is None else config.config
    for section, info in Config.model_fields.items():
        if section == "policy":
            continue
        value = getattr(read, section)
        if isinstance(value, dict):
            yield from _table(config, (section,), value)
            continue
        model = value if isinstance(value, BaseModel) else _absent(info.annotation)
        for key, one in type(model).model_fields.items():
            if isinstance(value, BaseModel) or not one.is_required():
                yield from _key(config, section, key, model, given)


def _absent(annotation: Any) -> BaseModel:
    """Return a table that a file does not have, with its defaults; what is required is left out."""
    kinds = [one for one in getattr(annotation, "__args__", ()) if one is not type(None)]
    model: type[BaseModel] = kinds[0]
    return model.model_construct()


def _key(
    config: ConfigFile | None,
    section: str,
    key: str,
    model: BaseModel,
    given: Mapping[tuple[str, str], Given],
) -> Iterator[Setting]:
    shown = key if config is None else in_currency(key, config.currency)
    name, value = f"{section}.{shown}", getattr(model, key)
    said = given.get((section, key))
    if said is not None:
        yield Setting(name, _shown(said.value), said.origin, said.by)
    elif config is not None and key in model.model_fields_set:
        if isinstance(value, dict):
            yield from _table(config, (section, shown), value)
            return
        line = config.line(section, shown)
        yield Setting(name, _shown(value), Origin.FILE, config.file, line)
    elif section == "files":
        yield _beside(config, name, key)
    else:
        default = DEFAULT_PACK if (section, key) == ("placement", "policy") else value
        yield Setting(name, _shown(default or None if default == {} else default), Origin.DEFAULT)


def _beside(config: ConfigFile | None, name: str, table: str) -> Setting:
    path = None if config is None else config.path(table)
    if path is None or config is None:
        return Setting(name, None, Origin.DEFAULT)
    return Setting(name, _shown(str(path)), Origin.BESIDE, config.file)


def _table(
    config: ConfigFile | None, where: tuple[str, ...], values: Mapping[str, object]
) -> Iterator[Setting]:
    for key, value in values.items():
        line = None if config is None else config.line(*where, key)
        file = "" if config is None else config.file
        yield Setting(
            ".".join(map(toml_key, (*where, key))), _shown(value), Origin.FILE, file, line
        )


def _answers(config: ConfigFile | None, options: Mapping[str, Given]) -> Iterator[Setting]:
    section = None if config is None else config.config.policy
    if section is not None:
        kept = {key: value for key, value in section.options.items() if key not in options}
        yield from _table(config, ("policy", "options"), kept)
    for key, one in options.items():
        name = ".".join(map(toml_key, ("policy", "options", key)))
        yield Setting(name, _shown(one.value), one.origin, one.by)
    if section is not None:
        yield from _table(config, ("policy", "groups"), section.groups)


def _shown(value: object) -> str | None:
    """Return a value as TOML writes it; None for nothing."""
    if value is None or value in ([], (), ""):
        return None
    if isinstance(value, Fraction):
        return plain(value)
    if isinstance(value, Margin):
        return toml_value(str(value))
    if isinstance(value, tuple | list):
        listed = [_shown(one) or "" for one in value]
        return listed[0] if len(listed) == 1 else f"[{', '.join(listed)}]"
    return toml_value(value)


TABLES = tuple(FilesSection.model_fields)
"""The tables that a configuration may list."""
