"""What a placement.toml hardly means: a rate of 800 % a year, the price of a rack for one chip."""

from __future__ import annotations

from collections.abc import Iterator

from placement.errors import Fault, InputError
from placement.readers.config.money import in_currency
from placement.readers.config.placement_toml import Config, ConfigFile
from placement.readers.doubts import Accepting, dear_price
from placement.text.decimals import plain


def config_notes(setup: ConfigFile, accepting: Accepting) -> list[str]:
    """Return notes on what is doubtful; InputError for a discount rate that is not accepted."""
    refused = accepting.refused(_high_rate(setup))
    if refused:
        raise InputError(refused)
    return accepting.noted(_dear(setup))


def placed_besides(config: Config, has_demand: bool) -> list[str]:
    """Say so where deliveries are placed whatever demand asks for."""
    place = config.optimize.place
    if place is None or not has_demand:
        return []
    what = {
        "every_period": "every delivery is installed in its period",
        "by_end": "every delivery is installed by the end of the horizon",
        "as_much_as_fits": "as much of the deliveries as fits is installed",
    }
    return [f'place = "{place}": {what[place]}, whatever demand.csv asks for']


def _high_rate(setup: ConfigFile) -> Iterator[Fault]:
    horizon = setup.config.horizon
    if horizon is None or horizon.discount_rate <= 1:
        return
    rate = horizon.discount_rate
    message, fix = (
        f"is {plain(rate * 100)} % a year",
        f"write {plain(rate / 100)} for {plain(rate)} %",
    )
    yield setup.said.fault(message, fix, "horizon", "discount_rate", value=plain(rate))


def _dear(setup: ConfigFile) -> Iterator[Fault]:
    column = in_currency("usd_per_accelerator", setup.currency)
    for section in ("moves", "retire"):
        price = getattr(setup.config, section).usd_per_accelerator
        line = setup.line(section, column)
        yield from dear_price(price, setup.currency, setup.file, line, setup.key(section, column))
