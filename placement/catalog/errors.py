"""What the catalogue raises for a name that it will not resolve."""

from __future__ import annotations

from placement.errors import PlacementError


class UnknownName(PlacementError):  # noqa: N818 - the name says what happened
    """A name that the catalogue cannot resolve.

    `message` says what is wrong, `fix` what the user can do about it (it may be empty).
    """

    def __init__(self, message: str, fix: str = "") -> None:
        self.message = message
        self.fix = fix
        super().__init__(f"{message}; {fix}" if fix else message)


class RefusedName(UnknownName):
    """A name that is known, but does not say enough: ambiguous, or not a whole chip or country."""


def advice(hint: str, otherwise: str) -> str:
    """Join a `did you mean ...?`, which may be empty, with what to do if that is not it."""
    return f"{hint} Else {otherwise}" if hint else otherwise
