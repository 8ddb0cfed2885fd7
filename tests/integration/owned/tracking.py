"""What companies and regulators reach in tracking."""

from tests.integration.owned import consigning

CASES = [*consigning.CASES]
