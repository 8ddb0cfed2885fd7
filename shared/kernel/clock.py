"""Business time as a port. Legal days are those of Asia/Shanghai.

Leases, tokens and Kafka timestamps use real time instead; they do not take a `Clock`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from time import time as real_time_s
from typing import Protocol

# China keeps one offset and no summer time since 1991, so no time-zone database is needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


class Clock(Protocol):
    """Tells the business time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC, to the millisecond (MongoDB keeps no more)."""


def to_millisecond(instant: datetime) -> datetime:
    """Cut `instant` to the millisecond, in UTC, so that a round trip through MongoDB is exact."""
    at = instant.astimezone(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """Return real time."""
        return to_millisecond(datetime.now(UTC))


@dataclass(slots=True)
class ManualClock:
    """A clock for tests: it stands until it is moved."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant that was set."""
        return to_millisecond(self.instant)

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self.instant += by


class FileClock:
    """The development clock that all local processes share: base + (real - set_at) × rate.

    The file holds {"base": ISO instant, "set_at_s": real epoch seconds, "rate": float} and is
    replaced atomically by `greenloop clock`. Absent, it is real time. Whoever asks after it was set
    gets the new time.
    """

    def __init__(self, path: Path) -> None:
        """`path` need not exist yet."""
        self._path = path
        self._read: tuple[tuple[int, int] | None, tuple[datetime, float, float] | None] = None, None

    def now(self) -> datetime:
        """Return the simulated instant."""
        setting, real_s = self._present(), real_time_s()
        if setting is None:
            return to_millisecond(datetime.fromtimestamp(real_s, UTC))
        base, set_at_s, rate = setting
        return to_millisecond(base + timedelta(seconds=(real_s - set_at_s) * rate))

    def _present(self) -> tuple[datetime, float, float] | None:
        """Return what the file says; it is read again where it is another one than before."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        file, (known, setting) = (found.st_ino, found.st_mtime_ns), self._read
        if file != known:
            setting = read_clock_file(self._path)
            self._read = file, setting
        return setting


def read_clock_file(path: Path) -> tuple[datetime, float, float] | None:
    """Return (base, set_at_s, rate) of a clock file, or None where there is none."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return datetime.fromisoformat(held["base"]), float(held["set_at_s"]), float(held["rate"])


def write_clock_file(path: Path, *, base: datetime, rate: float) -> None:
    """Set the development clock to `base` now, running at `rate` simulated seconds a second."""
    held = {"base": base.isoformat(), "set_at_s": real_time_s(), "rate": rate}
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(held), encoding="utf-8")
    beside.replace(path)


def legal_day(instant: datetime) -> date:
    """Return the day in Asia/Shanghai that `instant` falls on."""
    return instant.astimezone(SHANGHAI).date()


def end_of_legal_day(day: date) -> datetime:
    """Return the first instant after `day` in Asia/Shanghai: a deadline `due at the end of day`."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def at_local(day: date, clock_time: time) -> datetime:
    """Return the instant of `clock_time` on `day` in Asia/Shanghai, in UTC."""
    return datetime.combine(day, clock_time, SHANGHAI).astimezone(UTC)
