"""Manifest numbers: 14 digits, leased in blocks to a consignor in its city, each accounted for.

Source: 危險廢物轉移管理辦法 (in force 2022-01-01): year (4), province (2), prefecture city (2),
serial (6) within city and year. A leased number ends used, void (with its reason) or returned.
Returned numbers are not leased again: a device that uses one after all is found out.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, Invalid

SERIAL_MAX = 999_999
BLOCK_SIZE_MAX = 500
SERVER = "server"
_FORM = re.compile(r"(20[0-9]{2}|21[0-9]{2})([0-9]{4})([0-9]{6})")
_CITY = re.compile(r"[1-9][0-9]{3}")


class Use(StrEnum):
    """What became of a number: held while its consignment decides, then one of the others."""

    HELD = "held"
    USED = "used"
    VOID = "void"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one city (4 digits: province and prefecture) in one legal year."""

    year: int
    city_code: str

    def __post_init__(self) -> None:
        """Refuse what is no city of the division table's form."""
        if _CITY.fullmatch(self.city_code) is None:
            raise Invalid("numbers.city", "a city is province (2 digits) and prefecture (2)")

    @property
    def id(self) -> str:
        """The series' own id: year, dot, city."""
        return f"{self.year}.{self.city_code}"

    def number(self, serial: int) -> str:
        """Return the 14 digits; `Conflict` (numbers.exhausted) past the year's last serial."""
        if not 1 <= serial <= SERIAL_MAX:
            raise exhausted()
        return f"{self.year}{self.city_code}{serial:06d}"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose numbers they are: a consignor, in its city, in a year."""

    consignor_id: str
    series: Series


@dataclass(frozen=True, slots=True)
class Lease:
    """A wish for a block. The same `lease_id` never gets a second one.

    `holder` is the device that uses the numbers offline, or the server for its own use; `asked` is
    a hash of the request, to tell a repeat from another wish under the same id.
    """

    lease_id: str
    owner: Owner
    holder: str
    size: int
    asked: str = ""

    def __post_init__(self) -> None:
        """Refuse an impossible size."""
        if not 1 <= self.size <= BLOCK_SIZE_MAX:
            raise Invalid("numbers.size", f"a block has 1 to {BLOCK_SIZE_MAX} numbers")


@dataclass(frozen=True, slots=True)
class Entry:
    """A number that is not free any more. `hold_id` names the decision that it was held for.

    `expires_at` (real time) is None once the consignment is known to use it.
    """

    number: str
    use: Use
    hold_id: str | None = None
    reason: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive numbers `first` to `first + size - 1`. Its id is its first number.

    `closed` says why the rest is returned; None while the block is in use.
    """

    lease: Lease
    first: int
    size: int
    leased_at: datetime
    entries: tuple[Entry, ...] = ()
    closed: str | None = None

    @property
    def block_id(self) -> str:
        """The first number."""
        return self.lease.owner.series.number(self.first)

    @property
    def numbers(self) -> tuple[str, ...]:
        """All numbers of the block, in order."""
        series = self.lease.owner.series
        return tuple(series.number(self.first + offset) for offset in range(self.size))

    @property
    def free(self) -> tuple[str, ...]:
        """Numbers that nothing was decided about; none once the block is closed."""
        if self.closed is not None:
            return ()
        decided = {entry.number for entry in self.entries}
        return tuple(number for number in self.numbers if number not in decided)

    def counts(self) -> dict[str, int]:
        """Count numbers by what became of them, and the free ones; they sum to the size."""
        counted = {use.value: 0 for use in Use}
        for entry in self.entries:
            counted[entry.use.value] += 1
        undecided = self.size - len(self.entries)
        counted["free"] = 0 if self.closed is not None else undecided
        counted["returned"] += undecided if self.closed is not None else 0
        return counted

    def entry(self, number: str) -> Entry | None:
        """Return what is known of a number, None where it is free or not of this block."""
        return next((entry for entry in self.entries if entry.number == number), None)

    def hold_next(self, hold_id: str, *, until: datetime) -> "Block":
        """Hold the next number of a block of the server's, which gives them in order.

        Raises `Conflict` (numbers.block_full) where none is left.
        """
        if not self.free:
            raise Conflict("numbers.block_full", "this block has no number left")
        entry = Entry(self.free[0], Use.HELD, hold_id, expires_at=until)
        return replace(self, entries=(*self.entries, entry))

    def hold(self, number: str, hold_id: str, *, until: datetime) -> "Block":
        """Hold a number of an offline block; again for the same decision changes nothing.

        Raises `Conflict` (numbers.taken, numbers.returned) or `Invalid` (numbers.not_leased).
        """
        if number not in self.numbers or self.lease.holder == SERVER:
            raise not_leased()
        held = self.entry(number)
        if held is not None and held.hold_id == hold_id and held.use in (Use.HELD, Use.USED):
            return self
        if held is not None:
            raise taken()
        if self.closed is not None:
            raise returned()
        entry = Entry(number, Use.HELD, hold_id, expires_at=until)
        return replace(self, entries=(*self.entries, entry))

    def use(self, number: str, hold_id: str) -> "Block":
        """Keep a held number for good; nothing happens where it is not held for this."""
        return self._changed(number, hold_id, Use.HELD, Entry(number, Use.USED, hold_id))

    def give_up(self, number: str, hold_id: str, *, reason: str) -> "Block":
        """Let a number go: it is void, but free again where an offline one was never used."""
        if self.lease.holder != SERVER and self._is(number, hold_id, Use.HELD):
            kept = tuple(each for each in self.entries if each.number != number)
            return replace(self, entries=kept)
        void = Entry(number, Use.VOID, hold_id, reason)
        unused = self._changed(number, hold_id, Use.HELD, void)
        return unused._changed(number, hold_id, Use.USED, void)

    def void(self, number: str, *, reason: str) -> "Block":
        """Void a free number of an offline block, as of a spoiled form; again changes nothing."""
        if self.lease.holder == SERVER:
            raise not_leased()
        held = self.entry(number)
        if held is not None and held.use is Use.VOID:
            return self
        if held is not None:
            raise taken()
        if number not in self.free:
            raise returned() if number in self.numbers else not_leased()
        return replace(self, entries=(*self.entries, Entry(number, Use.VOID, reason=reason)))

    def close(self, reason: str) -> "Block":
        """Return what is free; the first reason stays."""
        return self if self.closed is not None else replace(self, closed=reason)

    def _is(self, number: str, hold_id: str, use: Use) -> bool:
        held = self.entry(number)
        return held is not None and (held.hold_id, held.use) == (hold_id, use)

    def _changed(self, number: str, hold_id: str, use: Use, into: Entry) -> "Block":
        if not self._is(number, hold_id, use):
            return self
        entries = tuple(into if each.number == number else each for each in self.entries)
        return replace(self, entries=entries)


def series_of(city_code: str, at: datetime) -> Series:
    """Return a city's series of the legal year in which `at` falls (Asia/Shanghai)."""
    return Series(legal_day(at).year, city_code)


def parse_number(number: str) -> tuple[Series, int]:
    """Return series and serial, or raise `Invalid` (numbers.malformed)."""
    found = _FORM.fullmatch(number)
    if found is None or int(found[3]) == 0:
        raise Invalid("numbers.malformed", "a manifest number has 14 digits")
    return Series(int(found[1]), found[2]), int(found[3])


def exhausted() -> Conflict:
    """Return the refusal past the last serial of a year."""
    return Conflict("numbers.exhausted", "the city's last number of the year is given out")


def taken() -> Conflict:
    """Return the refusal of a number that is another's."""
    return Conflict("numbers.taken", "this number is used, held or void")


def returned() -> Conflict:
    """Return the refusal of a number that was given back."""
    return Conflict("numbers.returned", "this number was returned and is not used any more")


def not_leased() -> Invalid:
    """Return the refusal of a number outside the consignor's blocks."""
    return Invalid("numbers.not_leased", "this number is of no offline block of this consignor")
