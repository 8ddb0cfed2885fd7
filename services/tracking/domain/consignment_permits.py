"""What the law asks the parties to have: licences, a plan line, an approval across provinces.

Sources: 固體廢物污染環境防治法, Art. 80 (no handing over to the unlicensed);
危險廢物轉移管理辦法 (management plan; approval before a transfer across provinces).
Each version seen is kept with the signature that it was checked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Activity(StrEnum):
    """What a licence is for."""

    PRODUCE = "produce"
    COLLECT = "collect"
    TRANSPORT = "transport"
    STORE = "store"
    TREAT = "treat"
    BROKER = "broker"


class Role(StrEnum):
    """A party's part in a consignment."""

    CONSIGNOR = "consignor"
    CARRIER = "carrier"
    RECEIVER = "receiver"
    BROKER = "broker"


SUFFICES: Mapping[Role, frozenset[Activity]] = {
    Role.CONSIGNOR: frozenset({Activity.PRODUCE, Activity.COLLECT, Activity.STORE, Activity.TREAT}),
    Role.CARRIER: frozenset({Activity.TRANSPORT}),
    Role.RECEIVER: frozenset({Activity.COLLECT, Activity.STORE, Activity.TREAT}),
    Role.BROKER: frozenset({Activity.BROKER}),
}


@dataclass(frozen=True, slots=True)
class Licence:
    """A party's licence for an activity and waste codes; `valid_to` is its last day.

    `annual_g` is what it allows in a calendar year; None where it names no quantity. Lithium
    batteries have no waste code: there the licence names the UN number.
    """

    licence_id: str
    party_id: str
    activity: Activity
    codes: tuple[str, ...]
    annual_g: int | None
    valid_from: date
    valid_to: date
    revision: int = 1
    withdrawn: bool = False

    def holds(self, day: date) -> bool:
        """Say whether it is in force on a day."""
        return not self.withdrawn and self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One waste code of a consignor's management plan of a year."""

    plan_line_id: str
    consignor_id: str
    year: int
    waste_code: str
    planned_g: int
    revision: int = 1
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """The authority's consent to transfers from one party to another across provinces."""

    approval_id: str
    consignor_id: str
    receiver_id: str
    codes: tuple[str, ...]
    limit_g: int
    valid_from: date
    valid_to: date
    revision: int = 1
    withdrawn: bool = False

    def holds(self, day: date) -> bool:
        """Say whether it is in force on a day."""
        return not self.withdrawn and self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class Permits:
    """What the registry has of a consignment's parties."""

    licences: tuple[Licence, ...] = ()
    plan_lines: tuple[PlanLine, ...] = ()
    approval: Approval | None = None
