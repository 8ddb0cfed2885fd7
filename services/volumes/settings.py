"""What volumes is told by its environment."""

from shared.observability.settings import ServiceSettings


class VolumesSettings(ServiceSettings):
    """The database defaults to the service's name; a rebuild is a new GREENLOOP_GENERATION."""

    database: str = "volumes"
