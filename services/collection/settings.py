"""What collection is told by its environment."""

from shared.observability.settings import ServiceSettings


class CollectionSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name."""

    database: str = "collection"
