"""What tracking is told by its environment."""

from shared.observability.settings import ServiceSettings


class TrackingSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name."""

    database: str = "tracking"
