"""Who takes part in the transfer of hazardous waste.

An outlet (网点) that gathers the vehicles' containers, two carriers, a smelter, and a refiner that
takes what the smelter refuses.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from shared.kernel.clock import at_local
from tools.simulator.api import Caller, Json
from tools.simulator.stage import Stage

# Set by the first carrier, whose driver signs on the outlet's device.
SECURITY_CODE = "482915"


@dataclass(frozen=True, slots=True)
class Trade:
    """The parties of a city, by id, and their places."""

    run: str

    @property
    def outlet(self) -> str:
        """The consignor."""
        return f"{self.run}-outlet"

    @property
    def carriers(self) -> tuple[str, str]:
        """Who carries, in order."""
        return f"{self.run}-haulier", f"{self.run}-tanker"

    @property
    def smelter(self) -> str:
        """The receiver."""
        return f"{self.run}-smelter"

    @property
    def refiner(self) -> str:
        """The alternate."""
        return f"{self.run}-refiner"

    @property
    def yard(self) -> str:
        """The outlet's store, where containers are sealed."""
        return f"{self.run}-yard"

    def gate(self, party_id: str) -> str:
        """Return where a party takes loads in."""
        return self.yard if party_id == self.outlet else f"{party_id}-gate"


def trade_of(stage: Stage) -> Trade:
    """Return the parties of the day's city."""
    return Trade(stage.city.run)


def as_party(party_id: str) -> Caller:
    """Return a company's token: it is the party that the token names."""
    return Caller("company", party_id)


def the_day_after(stage: Stage, at: time) -> datetime:
    """Return an instant of the day on which loads travel."""
    return at_local(stage.city.service_day + timedelta(days=1), at)


def tell(stage: Stage, consignment_id: str, what: str, body: Json, *, by: str) -> Json:
    """Let a party do something with a consignment; return it as it then stands."""
    path = f"/v1/consignments/{consignment_id}/{what}"
    return stage.api.post("tracking", path, body, caller=as_party(by))
