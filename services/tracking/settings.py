"""What tracking is told by its environment."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from services.tracking.domain.exemptions import VehicleFact
from shared.observability.settings import ServiceSettings


class TrackingSettings(ServiceSettings):
    """GREENLOOP_DATABASE defaults to the service's name.

    `collection_vehicles`: what the city has shown to hold of every vehicle that collects, a JSON
    list. Nothing is taken as shown if it is not said.
    `permit_key`: a PEM file of Ed25519 keys that sign permits; development makes one.
    `foreign_tags`: containers may be registered under tags of others. `epc_manager`: GS1's number
    of the operator, for RFID chips. How long permits live, and how many may be out, no law says.
    `link_key`: a file with 32 bytes or more that sign links to registers' files; development makes
    one. `registers_at_once` are made in all processes together; nor does a law bound a register.
    `registry_…`: the national registry is a sandbox (no public interface is documented): slow,
    away, or answering twice, as a rehearsal wants it.
    """

    database: str = "tracking"
    collection_vehicles: tuple[VehicleFact, ...] = ()
    permit_key: Path | None = None
    permit_hours: int = Field(default=12, ge=1, le=24 * 30)
    permit_hours_max: int = Field(default=72, ge=1, le=24 * 30)
    permits_live_max: int = Field(default=40, ge=1, le=500)
    foreign_tags: bool = True
    epc_manager: int = Field(default=95_100_000, ge=1, lt=2**28)
    link_key: Path | None = None
    registers_at_once: int = Field(default=2, ge=1, le=16)
    register_rows_max: int = Field(default=200_000, ge=1, le=1_000_000)
    register_lease_s: float = Field(default=120.0, ge=1, le=3_600)
    register_file_hours: int = Field(default=24, ge=1, le=24 * 30)
    register_link_s: int = Field(default=600, ge=10, le=86_400)
    registry_delay_s: float = Field(default=0.0, ge=0, le=60)
    registry_away: bool = False
    registry_twice: bool = False

    @model_validator(mode="after")
    def _production_signs_itself(self) -> Self:
        if self.environment == "production" and self.permit_key is None:
            raise ValueError("production needs GREENLOOP_PERMIT_KEY")
        if self.environment == "production" and self.link_key is None:
            raise ValueError("production needs GREENLOOP_LINK_KEY")
        return self
