"""What `placement policy show --places` reads: countries, a company and a chip."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from placement.compliance.places import Places
    from placement.policy import Policy, Subject


def lines_of(
    policy: Policy,
    places: str,
    headquarters: str | None,
    authorization: tuple[str, ...],
    day: date,
    accelerator: str | None,
) -> Places:
    """Return what a pack says of places; UsageError for a name that nothing has."""
    from placement.catalog import UnknownName, country, load_catalog
    from placement.compliance.places import USUAL_CHIP, places_of, with_packs_in_force
    from placement.errors import Fault, UsageError

    catalog = load_catalog([], {})
    problems, codes = [], []
    for name in filter(None, map(str.strip, places.split(","))):
        try:
            codes.append(country(name))
        except UnknownName as error:
            problems.append(Fault(error.message, error.fix, column="--places", value=name))
    if not codes and not problems:
        problems.append(Fault("--places names no country", "write it as AE,MY"))
    model = USUAL_CHIP
    if accelerator is not None:
        try:
            model = catalog.find(accelerator).accelerator.model
        except UnknownName as error:
            problems.append(Fault(error.message, error.fix, value=accelerator))
    if problems:
        raise UsageError(problems)
    company = _company(headquarters, authorization)
    return with_packs_in_force(places_of(policy, catalog, codes, company, day, model), catalog)


def _company(headquarters: str | None, authorization: tuple[str, ...]) -> Subject | None:
    from placement.compliance.places import company_of
    from placement.errors import Fault, UsageError
    from placement.readers.cells import BadText
    from placement.readers.tables.entities import Entities

    if headquarters is None:
        if authorization:
            fix = "give --headquarters, too"
            raise UsageError(Fault("--authorization is that of a company", fix))
        return None
    try:
        one = Entities.assume(headquarters, authorization or ("none",)).entity("the company")
    except BadText as error:
        given = f"{headquarters} {' '.join(authorization)}".strip()
        raise UsageError(Fault(error.message, error.fix, value=given)) from error
    return company_of(one.headquarters or "", one.authorizations)
