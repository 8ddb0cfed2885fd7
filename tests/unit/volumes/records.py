"""Raw records of weighings, as they come off the topic."""

import json
from dataclasses import dataclass

from shared.contracts.pickup import PickupCorrected, PickupWeighed

COMMUNITY = "350102001001"
AT = "2026-11-24T02:15:00.000Z"


@dataclass
class Raw:
    offset: int
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    key: bytes | None = None
    timestamp: int = 0


def lot(mass_g, material="cardboard", grade="A"):
    return {"material": material, "grade": grade, "mass_g": mass_g}


def weighed(offset, *masses_g, sequence=None, community=COMMUNITY, at=AT):
    body = {"community_code": community, "weighed_at": at, "lots": [lot(m) for m in masses_g]}
    return raw(offset, PickupWeighed.TYPE, body, sequence=sequence)


def corrected(offset, *, before, after):
    body = {
        "community_code": COMMUNITY,
        "weighed_at": AT,
        "lots_before": [lot(m) for m in before],
        "lots_after": [lot(m) for m in after],
    }
    return raw(offset, PickupCorrected.TYPE, body)


def raw(offset, type_, body, *, sequence=None):
    number = offset + 1 if sequence is None else sequence
    headers = (
        ("ce_id", f"event-{number}".encode()),
        ("ce_type", type_.encode()),
        ("ce_sequence", str(number).encode()),
        ("ce_recordedtime", AT.encode()),
    )
    return Raw(offset, json.dumps(body).encode(), headers)
