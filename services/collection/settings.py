"""What collection is told by its environment."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from shared.observability.settings import ServiceSettings

CODE_KEY_LETTERS_MIN = 32


class CollectionSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name.

    `code_key` makes residents' cards and invites; in development a file under the state folder
    holds one.
    """

    database: str = "collection"
    open_bookings_max: int = Field(default=20, ge=1, le=200, description="of one household")
    streams_max: int = Field(default=512, ge=1, le=10_000, description="of one process")
    streams_of_caller_max: int = Field(default=256, ge=1, le=10_000)
    stream_for_s: float = Field(default=600.0, gt=0, le=3_600)
    code_key: SecretStr | None = Field(default=None, min_length=CODE_KEY_LETTERS_MIN)

    @model_validator(mode="after")
    def _production_has_a_key(self) -> Self:
        """A key in a file of one machine would make cards that the others do not know."""
        if self.environment == "production" and self.code_key is None:
            raise ValueError("production needs GREENLOOP_CODE_KEY, the same for all processes")
        return self
