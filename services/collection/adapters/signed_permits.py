"""Permits by tracking's signature, verified with its public keys from a file or a URL."""

from collections.abc import Sequence

from services.collection.domain.permits import PermitUse, PermitVerdict
from shared.http.keys import Keys
from shared.permits.model import Use
from shared.permits.tokens import judged

# How long weigh-ins wait for keys that are being fetched; without them they are recorded, too.
KEYS_WAIT_S = 1.0


class SignedPermits:
    """`Permits` over tracking's public keys."""

    def __init__(self, keys: Keys) -> None:
        """Nothing is read before the first permit."""
        self._keys = keys

    def judged(self, uses: Sequence[PermitUse]) -> list[PermitVerdict]:
        """Return a verdict a use."""
        return [self._judged(use) for use in uses]

    def _judged(self, use: PermitUse) -> PermitVerdict:
        weighed = Use(
            container_tag=use.container_tag,
            material=use.material,
            mass_g=use.mass_g,
            collector_id=use.collector_id,
            at=use.at,
        )
        verdict = judged(use.token, weighed, keys=self._keys)
        return PermitVerdict(verdict.permit_id, verdict.fault)
