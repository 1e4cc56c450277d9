"""Names of parts of chips, or of several chips: known, and no accelerator."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from placement.catalog.errors import RefusedName, UnknownName
from placement.catalog.spelling import joined


@dataclass(frozen=True, slots=True)
class _Part:
    """A pattern of folded names that stand for parts of chips, or for several.

    `sure` tells a pattern that means nothing else from one that needs a known chip before it.
    """

    pattern: re.Pattern[str]
    what: str
    fix: str
    sure: bool = True


_PARTS = (
    _Part(
        re.compile(r"(?P<base>.+)-mig-invalid"),
        "a GPU whose slices the node's label cannot tell: its MIG devices are of several sizes, or "
        "not made yet",
        "count the GPUs of the node and write {base}",
    ),
    _Part(
        re.compile(r"(?P<base>.+)-mig-\d.*"),
        "MIG slices of a GPU, not GPUs",
        "the node's gpu.count counts slices there; count the GPUs and write {base}",
    ),
    _Part(
        re.compile(r"(?P<base>.+)-shared"),
        "time-shared replicas of a GPU, not GPUs",
        "the node's nvidia.com/gpu counts replicas there; count the GPUs and write {base}",
    ),
    _Part(
        re.compile(r"(?P<base>.+)-vf(?:-.*)?"),
        "a virtual function (VF): what a virtual machine sees of a GPU, of which there may be "
        "several",
        "count the GPUs of the host and write {base}",
        sure=False,
    ),
    _Part(
        re.compile(r"(?:grid-)?(?P<base>.+)-\d+[abcq]"),
        "a share of a GPU that a virtual machine sees, not a GPU",
        "count the GPUs of the host and write {base}",
        sure=False,
    ),
    _Part(
        re.compile(r"(?:tpu-)?(?P<base>v\d(?:[ep]|litepod)?)-\d+"),
        "a TPU slice of several chips, not a chip",
        "write it as instance_type with provider gcp, or count the chips and write their model",
    ),
)


def refuse_parts(name: str, model_of: Callable[[str], str]) -> None:
    """Raise RefusedName where a name is that of parts of chips or of several.

    `model_of` gives the model of another name; UnknownName where there is none.
    """
    key = joined(name)
    for one in _PARTS:
        found = one.pattern.fullmatch(key)
        if found is None:
            continue
        try:
            base = model_of(found["base"])
        except UnknownName as error:
            if not one.sure and not isinstance(error, RefusedName):
                continue
            base = "the model"
        raise RefusedName(f"{name!r} names {one.what}", one.fix.format(base=base))
