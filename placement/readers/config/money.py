"""Money in the names of columns and keys: `unit_usd` is `unit_eur` where the currency is EUR.

Inside, every amount is in the currency of the configuration, and its field says `usd`. Nothing is
converted: a name in another currency is refused.
"""

from __future__ import annotations

from collections.abc import Iterable

CURRENCY = "USD"
"""The currency where none is said."""

_USD = CURRENCY.lower()

#: ISO 4217: `unit_kwh` is no price.
_CODES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
    BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP
    GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES
    KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND
    TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
    """.split()
)


def is_currency(text: str) -> bool:
    """Tell whether a text is the code of a currency."""
    return text in _CODES


def in_currency(name: str, currency: str) -> str:
    """Return the name of a field as it is written in a currency; itself where it is no money."""
    words = [currency.lower() if word == _USD else word for word in name.split("_")]
    return "_".join(words)


def money_field(name: str, fields: Iterable[str]) -> tuple[str, str] | None:
    """Return the field that a name is in some currency, with that currency; None for no money."""
    words = name.split("_")
    for field in fields:
        parts = field.split("_")
        if _USD not in parts or len(parts) != len(words):
            continue
        place = parts.index(_USD)
        same = parts[:place] == words[:place] and parts[place + 1 :] == words[place + 1 :]
        if same and is_currency(words[place].upper()):
            return field, words[place].upper()
    return None


def other_currency(field: str, found: str, currency: str) -> tuple[str, str]:
    """Say that a name is in another currency than the configured one, and what to do."""
    message = f"is in {found}, and the currency of the configuration is {currency}"
    fix = (
        f"give the amounts in {currency} as {in_currency(field, currency)}, or set [placement] "
        f'currency = "{found}"'
    )
    return message, fix
