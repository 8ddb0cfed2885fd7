"""Collection's proofs, a module each for what it owns."""

from tests.integration.owned import collection_drives

CASES = [*collection_drives.CASES]
