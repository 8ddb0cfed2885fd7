"""What the law asks of one leg of a hazardous thing's way: facts in, a verdict out.

The rules are data (shared/reference/exemptions.csv); here is only how facts become the inputs that
the rules ask for. What is not known counts against the exemption: an unknown condition is for the
rules to judge (they take it as broken), an unknown property of a vehicle is one that it lacks.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from shared.kernel.decision_table import Ruling
from shared.kernel.errors import Invalid

CONDITIONS = ("intact", "broken", "unknown")
LEGS = ("mixed", "collection", "transport")
HOLDERS = ("household", "organisation")
PLACES = ("door", "drive", "outlet", "other")
OTHER, UNKNOWN = "other", "unknown"
VehicleFact = Literal["rain-proof", "leak-proof", "spill-proof", "sorting-rules", "licensed"]
VEHICLE_FACTS: tuple[str, ...] = get_args(VehicleFact)
Inputs = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LegPlace:
    """Where a leg begins. `central_store`: flagged as a designated central store."""

    kind: str = OTHER
    central_store: bool = False


@dataclass(frozen=True, slots=True)
class LegVehicle:
    """What is known of a vehicle; `sorting_rules`: it and the store that it goes to meet them."""

    rain_proof: bool = False
    leak_proof: bool = False
    spill_proof: bool = False
    sorting_rules: bool = False
    licensed: bool = False

    @classmethod
    def showing(cls, facts: Collection[str]) -> "LegVehicle":
        """Return one of which these `VEHICLE_FACTS` were shown, and nothing else."""
        return cls(*(name in facts for name in VEHICLE_FACTS))


AT_THE_DOOR = LegPlace("door")
NOT_KNOWN = LegVehicle()


@dataclass(frozen=True, slots=True)
class LegFacts:
    """The facts of a leg. `waste_code` and `un_number` are those of the day, None for no entry.

    `leg`: mixed (inside household waste), collection (from drop-off to the designated central
    store), transport (any later one, returns too). `volume_ml` is the container's, where known.
    """

    material: str
    waste_code: str | None
    un_number: str | None
    leg: str
    holder: str
    condition: str = UNKNOWN
    place: LegPlace = LegPlace()
    vehicle: LegVehicle = NOT_KNOWN
    volume_ml: int | None = None
    jurisdiction: str = "CN"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is needed on a leg: each answer with its rule, the facts, the day and the table."""

    facts: LegFacts
    on: date
    table: str
    rulings: tuple[Ruling, ...]

    def answer(self, question: str) -> str:
        """Return the answer to a question of the table."""
        return next(each.answer for each in self.rulings if each.question == question)

    @property
    def needs_manifest(self) -> bool:
        """Whether a hazardous-waste manifest is needed."""
        return self.answer("manifest") == "required"

    @property
    def needs_waybill(self) -> bool:
        """Whether a dangerous-goods waybill, and so a licensed vehicle, is needed."""
        return self.answer("waybill") == "required"

    @property
    def needs_licence(self) -> bool:
        """Whether who takes it needs a hazardous-waste licence."""
        return self.answer("licence") == "required"

    @property
    def needs_label(self) -> bool:
        """Whether the container carries a hazardous-waste label."""
        return self.answer("label") == "required"


@dataclass(frozen=True, slots=True)
class LotVerdict:
    """The verdict on a leg of a lot's collection.

    `leg` 1 is from the door or the drive onto the vehicle, under the law of the weigh-in's day; 2
    from there to where it was put down, under the law of that day.
    """

    lot_id: str
    verdict: Verdict
    leg: int = 1


def worst_condition(conditions: Iterable[str | None]) -> str | None:
    """Return the condition of things that lie together: intact only where each of them is.

    None where it is not known of one, and none is broken: the tables take that for broken.
    """
    said = set(conditions)
    if "broken" in said:
        return "broken"
    return "intact" if said == {"intact"} else None


def inputs_of(facts: LegFacts, inputs: Inputs) -> dict[str, str]:
    """Return the facts as a table's inputs; raise `Invalid` (exemptions.fact) for a value unknown.

    A material that no rule names is "other"; a volume falls into one of the table's ranges.
    """
    given = {
        "regime": _regime(facts),
        "material": facts.material if facts.material in inputs["material"] else OTHER,
        "condition": facts.condition,
        "leg": facts.leg,
        "holder": facts.holder,
        "place": facts.place.kind,
        "central_store": _yes(facts.place.central_store),
        "proof": _yes(_is_proof(facts.vehicle)),
        "sorting": _yes(facts.vehicle.sorting_rules),
        "licensed": _yes(facts.vehicle.licensed),
        "volume": range_of(facts.volume_ml, inputs["volume"]),
    }
    for name, value in given.items():
        if value not in inputs[name]:
            raise Invalid("exemptions.fact", f"the rules know no such {name}", fact=name)
    return given


def _regime(facts: LegFacts) -> str:
    if facts.waste_code is None:
        return "ordinary" if facts.un_number is None else "dangerous"
    return "catalogue" if facts.un_number is None else "catalogue-dangerous"


def _is_proof(vehicle: LegVehicle) -> bool:
    return vehicle.rain_proof and vehicle.leak_proof and vehicle.spill_proof


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def range_of(value: int | None, ranges: tuple[str, ...]) -> str:
    """Return the name of the range that a value falls into; `unknown` for None."""
    if value is None:
        return UNKNOWN
    return next((name for name in ranges if name != UNKNOWN and _within(value, name)), UNKNOWN)


def _within(value: int, name: str) -> bool:
    """Say whether a value is in a range: a..b, ..b, a.. or one number."""
    low, dots, high = name.partition("..")
    if not dots:
        return value == int(low)
    return (not low or int(low) <= value) and (not high or value <= int(high))
