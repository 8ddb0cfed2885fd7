"""What an RFID chip carries for a tag: EPC as a URI and as 96 bits (GS1 EPC Tag Data Standard).

Own tags are General Identifiers (GID-96, header 0x35): manager 28 bits, class 24, serial 36.
Returnable crates are GRAI-96 (header 0x33): filter 3 bits, partition 3, company prefix and asset
type 44 together, serial 38. A GRAI whose serial is not a plain number has no 96 bits.
"""

from dataclasses import dataclass

from services.tracking.domain.tags import Grai
from shared.kernel.errors import Invalid

# Digits of the company prefix → (partition, its bits, bits of the asset type), EPC TDS table 14-12.
PARTITIONS = {
    12: (0, 40, 4),
    11: (1, 37, 7),
    10: (2, 34, 10),
    9: (3, 30, 14),
    8: (4, 27, 17),
    7: (5, 24, 20),
    6: (6, 20, 24),
}
GID_HEADER, GRAI_HEADER = 0x35, 0x33
CONTAINER_CLASS = 1


@dataclass(frozen=True, slots=True)
class Epc:
    """A chip's content: the pure identity URI, and 24 hexadecimal digits where it fits 96 bits."""

    uri: str
    hex96: str | None


def gid(manager: int, serial: int) -> Epc:
    """Return the EPC of an own tag. `manager` is the number that GS1 gave to the operator."""
    if not 0 < manager < 2**28:
        raise Invalid("tracking.epc_manager", "an EPC manager number has 28 bits")
    bits = GID_HEADER << 88 | manager << 60 | CONTAINER_CLASS << 36 | serial
    return Epc(f"urn:epc:id:gid:{manager}.{CONTAINER_CLASS}.{serial}", f"{bits:024X}")


def grai(held: Grai, *, company_digits: int) -> Epc:
    """Return the EPC of a crate; `company_digits` of its 12 digits are the company's prefix."""
    if company_digits not in PARTITIONS:
        raise Invalid("tracking.epc_company", "a company prefix has 6 to 12 digits")
    partition, company_bits, asset_bits = PARTITIONS[company_digits]
    company, asset = held.asset[:company_digits], held.asset[company_digits:12]
    uri = f"urn:epc:id:grai:{company}.{asset}.{held.serial}"
    plain = held.serial.isdigit() and (held.serial == "0" or held.serial[0] != "0")
    if not plain or int(held.serial) >= 2**38:
        return Epc(uri, None)
    bits = GRAI_HEADER << 88 | partition << 82
    bits |= int(company) << (38 + asset_bits) | int(asset or "0") << 38 | int(held.serial)
    assert company_bits + asset_bits == 44
    return Epc(uri, f"{bits:024X}")
