"""What pricing is told by its environment."""

from shared.observability.settings import ServiceSettings


class PricingSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name."""

    database: str = "pricing"
