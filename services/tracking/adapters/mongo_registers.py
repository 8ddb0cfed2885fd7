"""Registers in MongoDB: claimed by one atomic update; unique indexes keep holds and seats apart."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.tracking.application.register_desk import HOLD_TAKEN
from services.tracking.domain.register import Progress, Register, Step, from_states
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Documents = dict[str, Any]
QUEUED, RUNNING, READY = (
    each.value for each in (Progress.QUEUED, Progress.RUNNING, Progress.READY)
)
ENDED: Documents = {"state.hold": None, "state.seat": None, "state.lease_until": None}


class MongoRegisters:
    """`RegisterQueue` over the registers' collection."""

    def __init__(self, registers: MongoAggregates[Register], *, seats: int) -> None:
        """`seats`: how many may run at once, in all processes together."""
        self._registers = registers
        self._collection = registers.collection
        self._seats = seats

    def prepare(self) -> None:
        """Create the indexes of holds, seats, claiming and expiring."""
        with storage_errors():
            for field, kind in (("hold", "string"), ("seat", "number")):
                taken = {f"state.{field}": {"$type": kind}}
                self._collection.create_index(
                    f"state.{field}", name=field, unique=True, partialFilterExpression=taken
                )
            for name, progress in (("asked_at", QUEUED), ("lease_until", RUNNING)):
                there = {"state.progress": progress}
                self._collection.create_index(
                    f"state.{name}", name=f"{progress}_by_{name}", partialFilterExpression=there
                )
            ready = {"state.progress": READY}
            self._collection.create_index(
                "state.expires_at", name="ready", partialFilterExpression=ready
            )

    def create(
        self, register_id: str, decision: Decision[Register], *, request: Request[Register]
    ) -> Stored[Register]:
        """Insert; where it is not this id that was taken, it was the hold."""
        try:
            return self._registers.create(register_id, decision, request=request)
        except NotFound:
            raise Conflict(HOLD_TAKEN, "another register of this person has it") from None

    def get(self, register_id: str) -> Stored[Register]:
        """Return one."""
        return self._registers.get(register_id)

    def claim(self, *, now: datetime, until: datetime) -> Register | None:
        """Take over what nobody works at any more, else take a seat for what waits."""
        late = {"state.progress": RUNNING, "state.lease_until": {"$lte": now}}
        found = self._claimed(late, {"state.lease_until": until}, by="state.lease_until")
        if found is not None:
            return found
        waiting = {"state.progress": QUEUED}
        for seat in range(1, self._seats + 1):
            taken = {
                "state.progress": RUNNING,
                "state.seat": seat,
                "state.lease_until": until,
            }
            try:
                return self._claimed(waiting, taken, by="state.asked_at")
            except DuplicateKeyError:
                continue  # this seat is taken
        return None

    def renew(self, register: Register, *, until: datetime) -> bool:
        """Move the end of the lease, where it is this attempt's."""
        return self._changed(_attempt(register), {"state.lease_until": until})

    def finish(self, register: Register) -> bool:
        """Store the end of this attempt."""
        changes = {
            "state.progress": register.progress.value,
            "state.rows": register.rows,
            "state.blob": msgspec.to_builtins(register.blob),
            "state.ready_at": register.ready_at,
            "state.expires_at": register.expires_at,
            "state.why": register.why,
        }
        return self._changed(_attempt(register), {**changes, **ENDED})

    def expired(self, *, now: datetime, limit: int) -> Sequence[Register]:
        """Return those that are ready and past their time, the oldest first."""
        late = {"state.progress": READY, "state.expires_at": {"$lte": now}}
        with storage_errors():
            found = self._collection.find(late, sort=[("state.expires_at", 1)], limit=limit)
            return [self._registers.stored(each).state for each in found]

    def expire(self, register: Register) -> None:
        """Note that the file is gone."""
        there = {"_id": register.register_id, "state.progress": {"$in": from_states(Step.EXPIRE)}}
        self._changed(there, {"state.progress": Progress.EXPIRED.value})

    def _claimed(self, where: Documents, changes: Documents, *, by: str) -> Register | None:
        with storage_errors():
            found = self._collection.find_one_and_update(
                where,
                {"$set": changes, "$inc": {"state.attempt": 1, "version": 1}},
                sort=[(by, 1)],
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else self._registers.stored(found).state

    def _changed(self, where: Documents, changes: Documents) -> bool:
        with storage_errors():
            changed = self._collection.update_one(where, {"$set": changes, "$inc": {"version": 1}})
        return changed.matched_count == 1


def _attempt(register: Register) -> Documents:
    return {
        "_id": register.register_id,
        "state.progress": RUNNING,
        "state.attempt": register.attempt,
    }
