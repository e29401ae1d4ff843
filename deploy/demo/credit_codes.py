"""Unified social credit codes (GB 32100-2015) for firms that do not exist."""

import string

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z, which read like digits
ORGANISATION_SIGNS = string.digits + string.ascii_uppercase
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(authority_and_place: str, organisation: str) -> str:
    """The eighteen characters of a firm.

    authority_and_place: kind of registry and body, and the six digits of the place: `91310115`. organisation: the
    first eight characters of its organisation code; the ninth is that code's own check digit (GB 11714-1997), and the
    eighteenth of all makes the weighted sum divisible by 31 (GB 32100-2015, 5.3).
    """
    seventeen = authority_and_place + organisation + _organisation_check(organisation)
    total = sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(seventeen))
    return seventeen + SIGNS[-total % 31]


def _organisation_check(eight: str) -> str:
    total = sum(
        ORGANISATION_SIGNS.index(sign) * weight for sign, weight in zip(eight, ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]
