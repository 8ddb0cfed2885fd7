"""What routing is told by its environment."""

from shared.observability.settings import ServiceSettings


class RoutingSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name."""

    database: str = "routing"
