"""The cloud providers the tables speak of, and the names people give them."""

from __future__ import annotations

from collections.abc import Mapping

from placement.catalog.errors import UnknownName, advice
from placement.catalog.spelling import joined
from placement.errors import did_you_mean

_NAMES: Mapping[str, tuple[str, ...]] = {
    "alibaba": ("alibaba cloud", "aliyun"),
    "aws": ("amazon", "amazon web services", "amazon aws", "ec2", "amazon ec2"),
    "azure": ("microsoft", "microsoft azure", "ms azure", "msft"),
    "coreweave": (),
    "crusoe": ("crusoe cloud",),
    "digitalocean": ("digital ocean",),
    "gcp": ("google", "google cloud", "google cloud platform", "google compute engine", "gce"),
    "hetzner": ("hetzner cloud",),
    "ibm": ("ibm cloud",),
    "lambda": ("lambda labs", "lambda cloud"),
    "linode": ("akamai", "akamai cloud"),
    "nebius": ("nebius ai",),
    "oci": ("oracle", "oracle cloud", "oracle cloud infrastructure"),
    "ovh": ("ovhcloud", "ovh cloud"),
    "runpod": (),
    "scaleway": (),
    "upcloud": (),
    "vast": ("vast.ai",),
    "vultr": (),
}

_BY_NAME = {joined(name): key for key, names in _NAMES.items() for name in (key, *names)}


def provider_key(text: str) -> str:
    """Return the short name of a provider (`aws`, `gcp`, ...); UnknownName where it has none."""
    try:
        return _BY_NAME[joined(text)]
    except KeyError:
        hint = did_you_mean(text, _BY_NAME)
        known = ", ".join(_NAMES)
        raise UnknownName(
            f"no provider is called {text!r}", advice(hint, f"write one of {known}")
        ) from None
