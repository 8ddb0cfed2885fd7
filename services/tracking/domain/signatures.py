"""Signatures and their hash chain: over the document by ids, so that names can stay apart.

A signature covers the canonical JSON (sorted names, no spaces, integers only: RFC 8785 for what
occurs here) of all fields that are frozen when it is given, and the signature before it. A later
change of a frozen field, of a signature or of their order is seen by whoever computes it again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

Json = str | int | bool | None | list["Json"] | dict[str, "Json"]
GENESIS = "0" * 64


class Stage(StrEnum):
    """What is signed, in the order of the way. `SEAL` freezes without a signature."""

    SEAL = "seal"
    CONSIGNOR = "consignor"
    CARRIER = "carrier"
    HANDOVER = "handover"
    REDIRECT = "redirect"
    RECEIVER = "receiver"
    RECEIPT = "receipt"


class Method(StrEnum):
    """How the signer showed who it is."""

    TOKEN = "token"  # noqa: S105 - the name of a method
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Seen:
    """A version of a licence, plan line or approval that was checked at a signature."""

    party_id: str
    permit_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signed, how, when and where. `device_of` is the party whose token the device had.

    `signed_at` is the device's time of the fact, `recorded_at` when it came here.
    """

    party_id: str
    method: Method
    device_of: str
    signed_at: datetime
    recorded_at: datetime
    place_id: str


@dataclass(frozen=True, slots=True)
class Signature:
    """One link of the chain, numbered from 1.

    A withdrawn one (loading was refused) stays in the chain with the content that it was about,
    because that may change now.
    """

    ordinal: int
    stage: Stage
    signing: Signing
    seen: tuple[Seen, ...]
    content_sha256: str
    previous_sha256: str
    sha256: str
    withdrawn_content: str | None = None

    @property
    def stands(self) -> bool:
        """Say whether it still binds."""
        return self.withdrawn_content is None


def canonical(value: Json | Mapping[str, Json]) -> str:
    """Return the one JSON text of a value."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256_of(text: str) -> str:
    """Return the hash of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def instant_text(at: datetime) -> str:
    """Return an instant as the document has it: UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def link(
    signatures: tuple[Signature, ...],
    stage: Stage,
    signing: Signing,
    *,
    seen: tuple[Seen, ...],
    content: Mapping[str, Json],
) -> Signature:
    """Return the next link for a frozen content."""
    bare = Signature(
        ordinal=len(signatures) + 1,
        stage=stage,
        signing=signing,
        seen=seen,
        content_sha256=sha256_of(canonical(content)),
        previous_sha256=signatures[-1].sha256 if signatures else GENESIS,
        sha256="",
    )
    return _sealed(bare)


def chain_fault(signatures: tuple[Signature, ...]) -> tuple[int, str] | None:
    """Return the ordinal of the first link that is wrong, and why; None where all are right.

    It sees a changed or missing link and one out of order; the content is the caller's to compare.
    """
    previous = GENESIS
    for place, held in enumerate(signatures, start=1):
        if held.ordinal != place or held.previous_sha256 != previous:
            return place, "signature.out_of_order"
        if _digest(held) != held.sha256:
            return place, "signature.changed"
        withdrawn = held.withdrawn_content
        if withdrawn is not None and sha256_of(withdrawn) != held.content_sha256:
            return place, "signature.content_changed"
        previous = held.sha256
    return None


def _sealed(bare: Signature) -> Signature:
    return Signature(
        bare.ordinal,
        bare.stage,
        bare.signing,
        bare.seen,
        bare.content_sha256,
        bare.previous_sha256,
        _digest(bare),
    )


def _digest(held: Signature) -> str:
    signing = held.signing
    return sha256_of(
        canonical(
            {
                "ordinal": held.ordinal,
                "stage": held.stage.value,
                "party_id": signing.party_id,
                "method": signing.method.value,
                "device_of": signing.device_of,
                "signed_at": instant_text(signing.signed_at),
                "recorded_at": instant_text(signing.recorded_at),
                "place_id": signing.place_id,
                "seen": [[each.party_id, each.permit_id, each.revision] for each in held.seen],
                "content_sha256": held.content_sha256,
                "previous_sha256": held.previous_sha256,
            }
        )
    )
