"""Who comes to a drive: with a sign-up, a QR card, for an organisation, or nobody in particular.

A drive recognises households only by what they show; what the scale says is taken from everybody.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tools.simulator.api import Caller, Json
from tools.simulator.booking import container_tag, register
from tools.simulator.city import Vehicle
from tools.simulator.permits import attach_permits
from tools.simulator.sites import Site
from tools.simulator.stage import Stage

VISITORS = 12
TARE_G = 800
# Residents of drives have the numbers behind all who may book (tools/cli/options.py).
FIRST_NUMBER = 20_000
NUMBERS_A_DRIVE = 100


@dataclass(slots=True)
class HeldDrive:
    """A drive of the day, and what its devices know of it."""

    number: int
    drive_id: str
    site: Site
    vehicle: Vehicle
    stand_in: Vehicle
    begins_at: datetime
    tickets: list[int] = field(default_factory=list)
    visits: list[Json] = field(default_factory=list)

    @property
    def collector(self) -> Caller:
        """Who holds it: of the third drive it is the stand-in."""
        vehicle = self.stand_in if self.number == 2 else self.vehicle
        return Caller("collector", vehicle.collector_id)


def visitor_number(drive: HeldDrive, number: int) -> int:
    """Return the number among all residents of a drive's visitor."""
    return FIRST_NUMBER + drive.number * NUMBERS_A_DRIVE + number


def visit(stage: Stage, drive: HeldDrive, number: int) -> None:
    """Come, be recognised or not, and have everything weighed."""
    who: Json = {}
    if number % 3 == 0:
        who = {"sign_up_id": sign_up(stage, drive, visitor_number(drive, number))}
    elif number % 4 == 1:
        who = {"organisation_id": f"shop-{number}"}
    elif number % 3 == 2:
        who = {"card": _card(stage, drive, visitor_number(drive, number))}
    tell(stage, drive, {**brought(stage, drive, number), **who, "device_id": "online"})


def sign_up(stage: Stage, drive: HeldDrive, number: int) -> str:
    """Register a household near the drive and sign it up."""
    body = {"household_id": register(stage, number, drive.site)}
    path = f"/v1/drives/{drive.drive_id}/sign-ups"
    caller = stage.person(number).caller
    return str(stage.api.post("collection", path, body, caller=caller)["sign_up_id"])


def _card(stage: Stage, drive: HeldDrive, number: int) -> str:
    """Let a resident show a QR card; the collector's phone looks up whose it is."""
    household = {"household_id": register(stage, number, drive.site)}
    caller = stage.person(number).caller
    token = stage.api.post("collection", "/v1/card", household, caller=caller)["token"]
    scanned = {"token": token}
    seen = stage.api.post("collection", "/v1/card-scans", scanned, caller=drive.collector)
    stage.tally.count("cards")
    stage.tally.count("cards_known", seen["household_id"] == household["household_id"])
    return str(token)


def brought(stage: Stage, drive: HeldDrive, number: int) -> Json:
    """Return what a visitor has, as the scale says it."""
    dice = stage.dice("visit", drive.number, number)
    lots: list[Json] = [{"material": "textiles", "grade": "B", "mass_g": dice.randint(300, 9_000)}]
    if dice.random() < 0.5:
        lots.append({"material": "cardboard", "grade": "A", "mass_g": dice.randint(200, 5_000)})
    if dice.random() < 0.3:
        battery: Json = {
            "material": "lead-acid-batteries",
            "grade": "A",
            "mass_g": dice.randint(4_000, 16_000),
            "condition": "broken" if dice.random() < stage.noise.broken else "intact",
            "container_tag": container_tag(drive.vehicle.vehicle_id, "lead-acid-batteries"),
            "pieces": 1 if number % 5 else 14,
        }
        lots.append(battery)
    net_g = sum(lot["mass_g"] for lot in lots)
    weighed_at = drive.begins_at + timedelta(minutes=31 + number)
    return {
        "gross_g": net_g + TARE_G,
        "tare_g": TARE_G,
        "weighed_at": weighed_at.isoformat(),
        "lots": lots,
    }


def tell(stage: Stage, drive: HeldDrive, body: Json) -> Json:
    """Tell a weigh-in, count it and return it."""
    offline = body["device_id"] == "offline"
    attach_permits(stage, body["lots"], collector=drive.collector, offline=offline)
    told = order(stage, drive, "visits", body)
    drive.visits.append(told)
    stage.tally.count("visits")
    for lot in told["weighing"]["lots"]:
        stage.tally.weigh(lot["material"], lot["mass_g"])
    return told


def order(stage: Stage, drive: HeldDrive, what: str, body: Json) -> Json:
    """Let the drive's collector do something."""
    path = f"/v1/drives/{drive.drive_id}/{what}"
    return stage.api.post("collection", path, body, caller=drive.collector)
