"""What every service process is told by its environment (GREENLOOP_…), and nothing else."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kernel.clock import Clock, FileClock, SystemClock


class ServiceSettings(BaseSettings):
    """Base of each service's settings.py. `instance` is stable: it is the Kafka member's id."""

    # A URI may hold a password: neither a refusal nor a repr shows what was given.
    model_config = SettingsConfigDict(
        env_prefix="GREENLOOP_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    mongodb: str = Field(default="mongodb://127.0.0.1:27017/?replicaSet=greenloop", repr=False)
    kafka: str = "127.0.0.1:9092"
    database: str = "greenloop"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8100, ge=0, le=65535)
    instance: str = "service-0"
    state_dir: Path = Path(".local")
    clock_file: Path | None = None
    environment: Literal["development", "production"] = "development"
    jwks: str | None = None
    issuer: str = "greenloop-local"
    audience: str = "greenloop"
    crash_at: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # None: the one that the service's database names as active (shared.messaging.generations).
    generation: int | None = Field(default=None, ge=1, le=1_000_000)
    concurrent_requests_max: int = Field(default=64, ge=4, le=1_000)
    requests_per_s_max: int = Field(default=500, ge=1, description="of one caller, sustained")
    request_timeout_s: float = Field(default=15.0, gt=0, le=120)

    @model_validator(mode="after")
    def _production_is_real(self) -> Self:
        """Production has real time and a real issuer; development's stand-ins refuse to start."""
        if self.environment == "production":
            if self.clock_file is not None:
                raise ValueError("GREENLOOP_CLOCK_FILE is for development only")
            if self.jwks is None or self.issuer == "greenloop-local":
                raise ValueError("production needs GREENLOOP_JWKS and GREENLOOP_ISSUER")
            if self.jwks.startswith("http://"):
                raise ValueError("production fetches GREENLOOP_JWKS over https or from a file")
            if self.crash_at is not None:
                raise ValueError("GREENLOOP_CRASH_AT is for tests only")
        return self

    def clock(self) -> Clock:
        """Return the business clock of this process."""
        return SystemClock() if self.clock_file is None else FileClock(self.clock_file)

    def jwks_source(self) -> str:
        """Return where the issuer's public keys are: a path or a URL."""
        return self.jwks or str(self.state_dir / "issuer" / "jwks.json")
