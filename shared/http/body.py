"""The base of request and response bodies."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request's body: unknown fields are refused, NaN and infinity too."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class View(BaseModel):
    """A response's body."""

    model_config = ConfigDict(frozen=True)
