"""Tags: what a label's QR code or an RFID chip says, and whether it was typed right.

Tracking's own tags are `GLC-` with an eight-digit serial and two check digits by ISO/IEC 7064,
MOD 97-10, as in IBAN and LEI: every wrong character is seen, and every swap of two neighbours.
A GRAI (GS1 General Specifications, AI 8003) has its own check digit, by GS1's modulo 10. Other
texts are tags of others: they have no check, and are taken as they are where that is allowed.
"""

import re
from dataclasses import dataclass

from shared.kernel.errors import Invalid

OWN_PREFIX = "GLC"
BLOCK = 1_000
BLOCKS_MAX = 100_000
_OWN = re.compile(r"GLC-(\d{8})-(\d{2})")
_OWN_LIKE = re.compile(r"GLC", re.IGNORECASE)
_GRAI = re.compile(r"8003(0\d{13})([0-9A-Za-z._-]{1,16})")
_GRAI_LIKE = re.compile(r"8003\d{8}")


@dataclass(frozen=True, slots=True)
class Grai:
    """A returnable asset: 13 digits with check digit, and the serial of this one crate."""

    asset: str
    serial: str


def own_tag(serial: int) -> str:
    """Return the tag of a serial below 100 million."""
    digits = f"{serial:08d}"
    return f"{OWN_PREFIX}-{digits}-{mod_97_10(OWN_PREFIX + digits)}"


def canonical(tag: str, *, foreign: bool = True) -> str:
    """Return the tag as it is kept; own tags are in capital letters.

    Raises `Invalid`: tracking.tag_mistyped where an own tag or a GRAI has a wrong character,
    tracking.tag_foreign for another's tag where those are not allowed (`foreign`).
    """
    if _OWN_LIKE.match(tag):
        upper = tag.upper()
        if serial_of(upper) is None:
            raise _mistyped()
        return upper
    if _GRAI_LIKE.match(tag):
        if grai_of(tag) is None:
            raise _mistyped()
        return tag
    if not foreign:
        raise Invalid("tracking.tag_foreign", "tags of others are not allowed here")
    return tag


def scanned(tag: str) -> str:
    """Return a tag as a fact from the world names it: own ones in capitals, nothing refused."""
    return tag.upper() if _OWN_LIKE.match(tag) else tag


def serial_of(tag: str) -> int | None:
    """Return the serial of an own tag; None where it is none, or was typed wrong."""
    found = _OWN.fullmatch(tag)
    if found is None or not found[1].isascii() or mod_97_10(OWN_PREFIX + found[1]) != found[2]:
        return None
    return int(found[1])


def grai_of(tag: str) -> Grai | None:
    """Return the GRAI that a tag says with its AI 8003; None where it is none, or typed wrong."""
    found = _GRAI.fullmatch(tag)
    if found is None or not tag.isascii():
        return None
    asset = found[1][1:]
    return Grai(asset, found[2]) if mod_10(asset[:-1]) == asset[-1] else None


def grai_tag(asset_12: str, serial: str) -> str:
    """Return the tag of a crate: company prefix and asset type are 12 digits together."""
    return f"80030{asset_12}{mod_10(asset_12)}{serial}"


def mod_97_10(text: str) -> str:
    """Return the two check digits of ISO/IEC 7064, MOD 97-10, for digits and capital letters."""
    number = int("".join(str(int(letter, 36)) for letter in text) + "00")
    return f"{98 - number % 97:02d}"


def mod_10(digits: str) -> str:
    """Return GS1's check digit: weights 3, 1, 3, … from the right."""
    total = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(reversed(digits), 1))
    return str(-total % 10)


def _mistyped() -> Invalid:
    return Invalid("tracking.tag_mistyped", "a character of this tag is wrong: scan or type again")
