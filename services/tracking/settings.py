"""What tracking is told by its environment."""

from typing import Literal

from shared.observability.settings import ServiceSettings

VehicleFact = Literal["rain-proof", "leak-proof", "spill-proof", "sorting-rules", "licensed"]


class TrackingSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name.

    `collection_vehicles`: what the city has shown to hold of every vehicle that collects, a JSON
    list. Nothing is taken as shown if it is not said.
    """

    database: str = "tracking"
    collection_vehicles: tuple[VehicleFact, ...] = ()
