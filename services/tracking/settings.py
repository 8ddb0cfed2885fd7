"""What tracking is told by its environment."""

from typing import Literal

from pydantic import Field

from shared.observability.settings import ServiceSettings

VehicleFact = Literal["rain-proof", "leak-proof", "spill-proof", "sorting-rules", "licensed"]


class TrackingSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name.

    `collection_vehicles`: what the city has shown to hold of every vehicle that collects, a JSON
    list. Nothing is taken as shown if it is not said. The national registry is a sandbox (no
    public interface is documented): slow, away, or answering twice, as a rehearsal wants it.
    """

    database: str = "tracking"
    collection_vehicles: tuple[VehicleFact, ...] = ()
    registry_delay_s: float = Field(default=0.0, ge=0, le=60)
    registry_away: bool = False
    registry_twice: bool = False
