"""Reads weighings and corrections off raw records, fast: typed structs, no model objects.

The contract is shared.contracts.pickup; this reads only what sums need, as readers do
(house style 20). A record that breaks the contract is `Invalid`, for the dead letters.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Protocol, TypeVar

import msgspec

from services.volumes.adapters.lanes import PREFIXES
from services.volumes.application.intake import PartitionIntake
from services.volumes.domain.sums import add_lots, hour_of_instant
from shared.contracts.drive import VisitCorrected, VisitWeighed
from shared.contracts.pickup import PickupCorrected, PickupWeighed
from shared.kernel.clock import legal_day
from shared.kernel.errors import Invalid

_T = TypeVar("_T")
Headers = Mapping[str, bytes | None]
VALUE_BYTES_MAX = 1_000_000
GRAMS_MAX = 49_000_000
LOTS_MAX = 40
NAMES_KEPT_MAX = 200_000
SEQUENCE_DIGITS_MAX = 18


class Record(Protocol):
    """A consumed record, as aiokafka and kafka-python both shape it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


# Nothing in them refers back: the collector need not look at four objects an event (gc=False).
class _Lot(msgspec.Struct, gc=False):
    material: str
    grade: Literal["A", "B", "C"]
    mass_g: Annotated[int, msgspec.Meta(ge=0, le=GRAMS_MAX)]


_Lots = Annotated[list[_Lot], msgspec.Meta(max_length=LOTS_MAX)]


class _Weighed(msgspec.Struct, gc=False):
    community_code: str
    weighed_at: str
    lots: _Lots


class _Corrected(msgspec.Struct, gc=False):
    community_code: str
    weighed_at: str
    lots_before: _Lots
    lots_after: _Lots


class Names:
    """Text that a field of the contract may hold. Checked when it is first seen: codes are few."""

    def __init__(self, pattern: str) -> None:
        """`pattern` is the contract's."""
        self._pattern = re.compile(pattern)
        self._good: set[str] = set()

    def check(self, text: str) -> None:
        """Raise `Invalid` (contract.invalid_data) for what no such field holds.

        It would become part of a field's name in the database, which a dot or a dollar breaks for
        everybody.
        """
        if text not in self._good:
            if self._pattern.fullmatch(text) is None:
                raise Invalid("contract.invalid_data", "a code is not of its form")
            if len(self._good) >= NAMES_KEPT_MAX:
                self._good.clear()
            self._good.add(text)


_weighed = msgspec.json.Decoder(_Weighed)
_corrected = msgspec.json.Decoder(_Corrected)
# A drive's visits carry their lots as a pickup does.
_WEIGHED = frozenset({PickupWeighed.TYPE.encode(), VisitWeighed.TYPE.encode()})
_CORRECTED = frozenset({PickupCorrected.TYPE.encode(), VisitCorrected.TYPE.encode()})
_communities = Names(r"[0-9]{12}")
_materials = Names(r"[a-z][a-z0-9-]{1,31}")


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
        _check(event.community_code, event.lots)
        cells = intake.cells(event.community_code, _hour(event.weighed_at))
        add_lots(cells, event.lots, sign=1)
    elif type_ in _CORRECTED:
        change = _read(_corrected.decode, record.value)
        _check(change.community_code, (*change.lots_before, *change.lots_after))
        cells = intake.cells(change.community_code, _hour(change.weighed_at))
        add_lots(cells, change.lots_before, sign=-1)
        add_lots(cells, change.lots_after, sign=1)
    intake.admitted(sequence, event_id)
    if intake.samples_ages:
        intake.recorded_s.append(_recorded_s(headers.get("ce_recordedtime") or b""))


def lots_total(
    headers: Headers | Iterable[tuple[str, bytes | None]], value: bytes | None
) -> list[tuple[date, str, int]]:
    """Return (legal day, community, grams added) of a record; raise `Invalid` where it cannot."""
    type_ = dict(headers).get("ce_type")
    if type_ in _WEIGHED:
        event = _read(_weighed.decode, value)
        _check(event.community_code, event.lots)
        added_g = sum(lot.mass_g for lot in event.lots)
        return [(_legal_day(event.weighed_at), event.community_code, added_g)]
    if type_ in _CORRECTED:
        change = _read(_corrected.decode, value)
        _check(change.community_code, (*change.lots_before, *change.lots_after))
        added_g = sum(lot.mass_g for lot in change.lots_after)
        added_g -= sum(lot.mass_g for lot in change.lots_before)
        return [(_legal_day(change.weighed_at), change.community_code, added_g)]
    return []


def _legal_day(instant: str) -> date:
    return legal_day(datetime.fromtimestamp(_hour(instant), UTC))


def _check(community_code: str, lots: Iterable[_Lot]) -> None:
    """Check all before anything is counted: a record counts whole or not at all."""
    _communities.check(community_code)
    for lot in lots:
        _materials.check(lot.material)


def _envelope(headers: Headers) -> tuple[int, str, bytes]:
    sequence, event_id = numbered(headers)
    type_ = headers.get("ce_type")
    if sequence is None or event_id is None or type_ is None:
        raise Invalid("contract.missing_header", "ce_sequence, ce_id or ce_type")
    return sequence, event_id, type_


def numbered(headers: Headers) -> tuple[int | None, str | None]:
    """Return a record's sequence and event id, None where it has no readable one.

    A header's value may be null on the wire.
    """
    sequence, event_id = headers.get("ce_sequence") or b"", headers.get("ce_id") or b""
    is_number = sequence.isdigit() and len(sequence) <= SEQUENCE_DIGITS_MAX
    try:
        return int(sequence) or None if is_number else None, event_id.decode() or None
    except UnicodeDecodeError:
        return int(sequence) or None if is_number else None, None


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
    except (ValueError, OverflowError) as error:  # overflow: year 1 east of Greenwich
        raise Invalid("contract.invalid_data", "weighed_at is not an instant") from error


def _recorded_s(instant: bytes) -> float:
    try:
        return datetime.fromisoformat(instant.decode()).timestamp()
    except (ValueError, OverflowError):
        return 0.0
