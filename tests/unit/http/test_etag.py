"""A change says which version it is meant for."""

import pytest


@pytest.fixture
def path(sample):
    return sample.write(b'{"text": "first"}').headers["location"] + "/texts"


def rewrite(sample, path, version):
    return sample.write(b'{"text": "second"}', path=path, version=version)


@pytest.mark.parametrize("version", ['"1"', 'W/"1"', "*"])
def test_changes_the_version_that_is_meant(sample, path, version):
    response = rewrite(sample, path, version)

    assert (response.status_code, response.headers["etag"]) == (200, '"2"')


def test_asks_for_a_version(sample, path):
    response = rewrite(sample, path, None)

    assert (response.status_code, response.json()["code"]) == (428, "http.precondition_required")


@pytest.mark.parametrize("version", ['"2"', '"abc"', "1", '"1', '"1", "2"', f'"{"1" * 99}"', ""])
def test_refuses_a_version_that_is_not_the_present_one(sample, path, version):
    assert rewrite(sample, path, version).status_code == 412
