"""The limits that the outermost layer holds every request to. Each has a reason to exist."""

from dataclasses import dataclass

from shared.observability.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one process. Sizes in bytes, times in seconds."""

    concurrent_max: int = 64
    requests_per_s_max: int = 500
    request_timeout_s: float = 15.0
    body_bytes_max: int = 64 * 1024
    body_timeout_s: float = 10.0
    # Slow bodies wait here and take no place of a request that can be worked on.
    bodies_coming_max: int = 512


def limits_of(settings: ServiceSettings) -> Limits:
    """Return the limits that the environment asks for."""
    return Limits(
        concurrent_max=settings.concurrent_requests_max,
        requests_per_s_max=settings.requests_per_s_max,
        request_timeout_s=settings.request_timeout_s,
    )
