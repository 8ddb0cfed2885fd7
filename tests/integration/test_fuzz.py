"""Every route keeps to its document under hostile input: a sample, the same each time.

`make fuzz` sends all boundary cases, chains of calls and other random ones: 20,000 and more.
"""

import pytest

from tests.fuzz.harness import fuzz
from tests.integration.every_service import SERVICES, running

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

EXAMPLES = 2
SEED = 20_261_125


@pytest.mark.parametrize("service", SERVICES)
def test_no_answer_is_one_that_the_document_does_not_allow(service, mongodb_uri, tmp_path):
    with running(service, mongodb_uri, tmp_path) as api:
        report = fuzz(api, examples=EXAMPLES, seed=SEED, chains=0)
        routes = len(api.operations())

    assert report.errors == []
    assert "\n".join(str(each) for each in report.findings) == ""
    assert report.total >= 2 * routes
