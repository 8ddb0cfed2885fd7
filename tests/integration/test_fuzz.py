"""Every route keeps to its document under hostile input; `make fuzz` sends much more."""

import pytest

from tests.fuzz.harness import fuzz
from tests.integration.every_service import SERVICES, running

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

EXAMPLES = 4
SEED = 20_261_125


@pytest.mark.parametrize("service", SERVICES)
def test_no_answer_is_one_that_the_document_does_not_allow(service, mongodb_uri, tmp_path):
    with running(service, mongodb_uri, tmp_path) as api:
        report = fuzz(api, examples=EXAMPLES, seed=SEED, chains=EXAMPLES)
        routes = len(api.operations())

    assert report.errors == []
    assert "\n".join(str(each) for each in report.findings) == ""
    assert report.total > 10 * routes
    assert {"coverage", "examples", "fuzzing"} <= set(report.cases)
