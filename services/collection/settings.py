"""What collection is told by its environment."""

from pydantic import Field

from shared.observability.settings import ServiceSettings


class CollectionSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name."""

    database: str = "collection"
    open_bookings_max: int = Field(default=20, ge=1, le=200, description="of one household")
