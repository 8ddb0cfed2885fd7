"""Reading a permit: a compact JWS (RFC 7515) with EdDSA, verified with tracking's public keys."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt

from shared.http.keys import Keys
from shared.kernel.errors import Invalid, Unavailable
from shared.permits.model import UNREADABLE, UNVERIFIED, Permit, Use, fault_of

ISSUER = "greenloop/tracking"
AUDIENCE = "greenloop-permit"
TYPE = "permit+jwt"
ALGORITHM = "EdDSA"
REQUIRED = ("iss", "aud", "sub", "jti", "iat", "exp", "cid", "mat", "cls", "left")
TOKEN_LETTERS_MAX = 4_096
# What Python says to claims and headers that are no text, number or list where one belongs.
ODD_CLAIMS = (KeyError, TypeError, OverflowError, OSError, RecursionError)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is noted with a lot: the permit that it came with, and why that does not fit."""

    permit_id: str | None
    fault: str | None


def judged(token: str, use: Use, *, keys: Keys) -> Verdict:
    """Return the verdict on a lot's permit; never raises, so that no fact is lost for a permit.

    permit.unverified: the keys cannot be read now; tracking judges the lot by the container alone.
    """
    try:
        permit = read_permit(token, keys)
    except Unavailable:
        return Verdict(None, UNVERIFIED)
    except Invalid:
        return Verdict(None, UNREADABLE)
    return Verdict(permit.permit_id, fault_of(permit, use))


def read_permit(token: str, keys: Keys) -> Permit:
    """Return the permit that a token carries.

    Raises `Invalid` (permit.unreadable) where it is not one that tracking signed, `Unavailable`
    where the keys cannot be read. Expired ones are returned: `fault_of` judges.
    """
    try:
        header = _header(token)
        claims = jwt.decode(
            token,
            keys.key(header.get("kid")),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={
                "require": list(REQUIRED),
                # Business time may run ahead of this process's: expiry is judged against the lot.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return permit_of(claims)
    except (jwt.PyJWTError, ValueError, *ODD_CLAIMS) as error:
        raise Invalid(UNREADABLE, "this is not a permit of tracking") from error


def _header(token: str) -> dict[str, Any]:
    if len(token) > TOKEN_LETTERS_MAX:
        raise ValueError("no permit is so long")
    header = jwt.get_unverified_header(token)
    if header.get("typ") != TYPE:
        raise ValueError("another kind of token")
    return header


def claims_of(permit: Permit) -> dict[str, Any]:
    """Return the claims of a permit: short names, times in whole seconds."""
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": permit.subject,
        "jti": permit.permit_id,
        "iat": int(permit.issued_at.timestamp()),
        "exp": int(permit.expires_at.timestamp()),
        "cid": permit.container_tag,
        "mat": list(permit.materials),
        "cls": list(permit.classes),
        "left": permit.grams_left,
        "dev": permit.device_id,
    }


def permit_of(claims: dict[str, Any]) -> Permit:
    """Return the permit of verified claims; raise `ValueError` or `TypeError` for other shapes."""
    return Permit(
        permit_id=str(claims["jti"]),
        container_tag=str(claims["cid"]),
        materials=tuple(str(each) for each in claims["mat"]),
        classes=tuple(str(each) for each in claims["cls"]),
        grams_left=int(claims["left"]),
        subject=str(claims["sub"]),
        device_id=None if claims.get("dev") is None else str(claims["dev"]),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )
