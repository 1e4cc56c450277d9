"""How names are compared: what of a spelling says nothing, and the parts that do."""

from __future__ import annotations

import re
import unicodedata

_JOINTS = re.compile(r"[\s_\u2010-\u2015-]+")
_MEMORY = re.compile(r"(?<![a-z0-9.])(\d+)-?g(?:i?b)?(?![a-z0-9.])")
_MAKERS = re.compile(
    r"(?:nvidia|geforce|tesla|amd|radeon|instinct|intel|habana|aws|amazon|google|huawei|qualcomm"
    r"|cerebras|meta|microsoft|cambricon|biren|groq|graphcore|baidu|alibaba|sambanova|tenstorrent"
    r"|moore-threads)-"
)
_NUMBER = re.compile(r"(?<![a-z0-9])[a-z]{0,12}-?\d+[a-z]*")
_FORM = re.compile(r"(?:sxm|pcie|hbm|gddr|nvl|oam)\d")
_UNSEEN = {
    *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0x1BCA0, 0x1BCA4),
    *range(0xE0000, 0xE1000), 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0,
}  # fmt: skip
"""Code points that show nothing and are no format characters (Default_Ignorable_Code_Point)."""


def seen(text: str) -> str:
    """Return a text without the characters that nobody sees (U+200B and the like)."""
    if text.isascii():
        return text
    return "".join(
        one for one in text if unicodedata.category(one) != "Cf" and ord(one) not in _UNSEEN
    )


def visible(text: str) -> str:
    """Return a text as it looks: in NFKC, without the characters that nobody sees."""
    return text if text.isascii() else seen(unicodedata.normalize("NFKC", text))


def joined(text: str) -> str:
    """Return a name without what tells no two apart: case, outer space, the kind of joints."""
    return _JOINTS.sub("-", visible(text).strip().casefold())


def _without_maker(name: str) -> str:
    while (maker := _MAKERS.match(name)) is not None:
        name = name[maker.end() :]
    return name


def loose(text: str) -> str:
    """Return a name without its maker, without joints, and with one spelling of gigabytes.

    `NVIDIA H100 PCIe 80 GB`, `H100-PCIe-80G` and `h100pcie80gb` are one. What has two meanings
    then is for the caller to refuse.
    """
    return _without_maker(_MEMORY.sub(r"\1gb", joined(text))).replace("-", "")


def numbers(text: str) -> frozenset[str]:
    """Return the parts of a name that say which model it is: `h100` of `NVIDIA H100 SXM5 80GB`."""
    name = _without_maker(_MEMORY.sub("", joined(text)))
    found = (one.replace("-", "") for one in _NUMBER.findall(name))
    return frozenset(one for one in found if not _FORM.match(one))
