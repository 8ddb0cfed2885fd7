"""Whose objects each route of collection reaches."""

from tests.integration.owned import collection_people

CASES = [*collection_people.CASES]
