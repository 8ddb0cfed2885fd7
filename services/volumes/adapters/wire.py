"""Reads weighings and corrections off raw records, fast: typed structs, no model objects.

The contract is shared.contracts.pickup; this reads only what sums need, as readers do
(house style 20). A record that breaks the contract is `Invalid`, for the dead letters.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Protocol, TypeVar

import msgspec

from services.volumes.adapters.lanes import PREFIXES
from services.volumes.application.intake import PartitionIntake
from services.volumes.domain.sums import add_lots, hour_of_instant
from shared.contracts.drive import VisitCorrected, VisitWeighed
from shared.contracts.pickup import PickupCorrected, PickupWeighed
from shared.kernel.clock import legal_day
from shared.kernel.errors import Invalid

_T = TypeVar("_T")
VALUE_BYTES_MAX = 1_000_000


class Record(Protocol):
    """A consumed record, as aiokafka and kafka-python both shape it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class _Lot(msgspec.Struct):
    material: str
    grade: str
    mass_g: int


class _Weighed(msgspec.Struct):
    community_code: str
    weighed_at: str
    lots: list[_Lot]


class _Corrected(msgspec.Struct):
    community_code: str
    weighed_at: str
    lots_before: list[_Lot]
    lots_after: list[_Lot]


_weighed = msgspec.json.Decoder(_Weighed)
_corrected = msgspec.json.Decoder(_Corrected)
# A drive's visits carry their lots as a pickup does.
_WEIGHED = frozenset({PickupWeighed.TYPE.encode(), VisitWeighed.TYPE.encode()})
_CORRECTED = frozenset({PickupCorrected.TYPE.encode(), VisitCorrected.TYPE.encode()})


def count(record: Record, intake: PartitionIntake) -> None:
    """Count one record into `intake`, or raise `Invalid` (contract.…) and leave it uncounted.

    Whatever happens, the record's sequence is checked first and the offset moves on only when
    the caller says so: a dead letter must be written before.
    """
    headers = dict(record.headers)
    sequence, event_id, type_ = _envelope(headers)
    if not intake.admits(sequence, event_id):
        return
    if not type_.startswith(PREFIXES[intake.partition]):
        raise Invalid("contract.unknown_type", "this type does not belong on the topic")
    if type_ in _WEIGHED:
        event = _read(_weighed.decode, record.value)
        cells = intake.cells(event.community_code, _hour(event.weighed_at))
        add_lots(cells, event.lots, sign=1)
    elif type_ in _CORRECTED:
        change = _read(_corrected.decode, record.value)
        cells = intake.cells(change.community_code, _hour(change.weighed_at))
        add_lots(cells, change.lots_before, sign=-1)
        add_lots(cells, change.lots_after, sign=1)
    intake.admitted(sequence, event_id)
    if intake.samples_ages:
        intake.recorded_s.append(_recorded_s(headers.get("ce_recordedtime", b"")))


def lots_total(
    headers: Mapping[str, bytes] | Iterable[tuple[str, bytes]], value: bytes | None
) -> list[tuple[date, str, int]]:
    """Return (legal day, community, grams added) of a record; raise `Invalid` where it cannot."""
    type_ = dict(headers).get("ce_type")
    if type_ in _WEIGHED:
        event = _read(_weighed.decode, value)
        added_g = sum(lot.mass_g for lot in event.lots)
        return [(_legal_day(event.weighed_at), event.community_code, added_g)]
    if type_ in _CORRECTED:
        change = _read(_corrected.decode, value)
        added_g = sum(lot.mass_g for lot in change.lots_after)
        added_g -= sum(lot.mass_g for lot in change.lots_before)
        return [(_legal_day(change.weighed_at), change.community_code, added_g)]
    return []


def _legal_day(instant: str) -> date:
    return legal_day(datetime.fromtimestamp(_hour(instant), UTC))


def _envelope(headers: dict[str, bytes]) -> tuple[int, str, bytes]:
    try:
        return int(headers["ce_sequence"]), headers["ce_id"].decode(), headers["ce_type"]
    except (KeyError, ValueError) as error:
        raise Invalid("contract.missing_header", "ce_sequence, ce_id or ce_type") from error


def _read(decode: Callable[[bytes], _T], value: bytes | None) -> _T:
    if value is None:
        raise Invalid("contract.tombstone", "an event has a value")
    if len(value) > VALUE_BYTES_MAX:
        raise Invalid("contract.too_large", "the value is over the limit")
    try:
        return decode(value)
    except msgspec.ValidationError as error:
        raise Invalid("contract.invalid_data", "a field is missing or of the wrong type") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("contract.not_json", "the value is not JSON") from error


def _hour(instant: str) -> int:
    try:
        return hour_of_instant(instant)
    except ValueError as error:
        raise Invalid("contract.invalid_data", "weighed_at is not an instant") from error


def _recorded_s(instant: bytes) -> float:
    try:
        return datetime.fromisoformat(instant.decode()).timestamp()
    except ValueError:
        return 0.0
