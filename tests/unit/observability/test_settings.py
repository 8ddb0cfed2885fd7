"""What a process is told by its environment; production refuses development's stand-ins."""

import pytest
from pydantic import ValidationError

from shared.kernel.clock import FileClock, SystemClock
from shared.observability.settings import ServiceSettings

REAL = {"environment": "production", "jwks": "https://issuer.test/jwks", "issuer": "https://issuer"}


def test_production_takes_a_real_issuer_and_real_time():
    settings = ServiceSettings(**REAL)

    assert isinstance(settings.clock(), SystemClock)
    assert settings.jwks_source() == REAL["jwks"]


@pytest.mark.parametrize(
    "stand_in",
    [
        {"clock_file": "clock.json"},
        {"jwks": None},
        {"issuer": "greenloop-local"},
        {"jwks": "http://issuer.test/jwks"},
        {"crash_at": "relay.send.before:1"},
    ],
    ids=str,
)
def test_production_refuses_a_stand_in(stand_in):
    with pytest.raises(ValidationError):
        ServiceSettings(**{**REAL, **stand_in})


def test_development_has_the_clock_that_its_file_sets(tmp_path):
    assert isinstance(ServiceSettings(clock_file=tmp_path / "clock.json").clock(), FileClock)


def test_development_trusts_the_local_issuer(tmp_path):
    source = ServiceSettings(state_dir=tmp_path).jwks_source()

    assert source == str(tmp_path / "issuer" / "jwks.json")


@pytest.mark.parametrize(
    "wrong",
    [{"http_port": 70_000}, {"concurrent_requests_max": 0}, {"log_level": "LOUD"}],
    ids=str,
)
def test_refuses_what_is_out_of_bounds(wrong):
    with pytest.raises(ValidationError):
        ServiceSettings(**wrong)


def test_shows_no_password():
    uri = "mongodb://user:hunter2@host/"

    with pytest.raises(ValidationError) as refused:
        ServiceSettings(mongodb=uri, http_port=-1)

    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(ServiceSettings(mongodb=uri))
