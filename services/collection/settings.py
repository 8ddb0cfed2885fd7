"""What collection is told by its environment."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from shared.observability.settings import ServiceSettings
from shared.permits.signing import jwks_path

CODE_KEY_LETTERS_MIN = 32
ADDRESS = r"^[^@\s]+@[^@\s]+$"


class CollectionSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name.

    `code_key` makes residents' cards, invites and calendars; in development a file under the state
    folder holds one. `permit_keys` are tracking's public ones, a JWKS file or the URL of its
    /v1/permit-keys; in development those of the state folder. People are told by SMTP, by the
    city's own gateway, or, without both, not.
    """

    database: str = "collection"
    permit_keys: str | None = None
    open_bookings_max: int = Field(default=20, ge=1, le=200, description="of one household")
    streams_max: int = Field(default=512, ge=1, le=10_000, description="of one process")
    streams_of_caller_max: int = Field(default=256, ge=1, le=10_000)
    stream_for_s: float = Field(default=600.0, gt=0, le=3_600)
    code_key: SecretStr | None = Field(default=None, min_length=CODE_KEY_LETTERS_MIN)
    smtp_host: str | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_from: str | None = Field(default=None, pattern=ADDRESS)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    gateway_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    gateway_secret: SecretStr | None = Field(default=None, min_length=16)
    operators_email: str | None = Field(default=None, pattern=ADDRESS)

    @model_validator(mode="after")
    def _production_has_a_key(self) -> Self:
        """A key in a file of one machine would make cards that the others do not know."""
        if self.environment == "production" and self.code_key is None:
            raise ValueError("production needs GREENLOOP_CODE_KEY, the same for all processes")
        if self.environment == "production" and self.permit_keys is None:
            raise ValueError("production needs GREENLOOP_PERMIT_KEYS, a JWKS file or URL")
        return self

    def permit_keys_source(self) -> str:
        """Return where tracking's public keys are: a file or a URL."""
        return self.permit_keys or str(jwks_path(self.state_dir))

    @model_validator(mode="after")
    def _channels_are_whole(self) -> Self:
        """A channel has all that it needs, and in production a line that nobody reads along."""
        if self.smtp_host is not None and self.smtp_from is None:
            raise ValueError("GREENLOOP_SMTP_HOST needs GREENLOOP_SMTP_FROM")
        if self.gateway_url is not None and self.gateway_secret is None:
            raise ValueError("GREENLOOP_GATEWAY_URL needs GREENLOOP_GATEWAY_SECRET")
        if self.environment == "production":
            if self.smtp_host is not None and self.smtp_security == "none":
                raise ValueError("production hands mail in over TLS")
            if self.gateway_url is not None and not self.gateway_url.startswith("https://"):
                raise ValueError("production needs a gateway behind https")
        return self
