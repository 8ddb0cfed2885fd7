"""`greenloop token` and `greenloop clock`: for development; production refuses both."""

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from shared.http.keys import FileKeys
from shared.http.tokens import Tokens
from shared.kernel.clock import FileClock, read_clock_file
from shared.kernel.errors import Forbidden, Invalid
from tools.cli.__main__ import app

EIGHT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)  # in UTC; eight in the morning in Fuzhou


@pytest.fixture
def run(tmp_path):
    def invoke(*arguments, **environment):
        words = [*arguments, "--state-dir", str(tmp_path)]
        done = CliRunner().invoke(app, words, env=environment, catch_exceptions=True)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return invoke


def test_prints_a_token_that_the_services_take(run, tmp_path):
    printed = run("token", "--role", "regulator", "--subject", "city", "--area-code", "3501")

    keys = FileKeys(tmp_path / "issuer" / "jwks.json")
    verifier = Tokens(keys, issuer="greenloop-local", audience="greenloop")
    claims = verifier.claims(printed.output.strip())
    assert (claims["sub"], claims["roles"], claims["area_code"]) == ("city", ["regulator"], "3501")


def test_knows_the_roles(run):
    with pytest.raises(Invalid, match="roles are"):
        run("token", "--role", "emperor")


@pytest.mark.parametrize(
    "command",
    [
        ("token", "--role", "operator"),
        ("clock", "set", "2026-11-24T08:00+08:00"),
        ("clock", "advance", "1"),
    ],
    ids=" ".join,
)
def test_production_refuses(run, tmp_path, command):
    with pytest.raises(Forbidden):
        run(*command, GREENLOOP_ENVIRONMENT="production")

    assert list(tmp_path.iterdir()) == []


def test_sets_the_clock_and_moves_it_without_changing_its_speed(run, tmp_path):
    run("clock", "set", "2026-11-24T08:00+08:00", "--rate", "60")
    run("clock", "advance", "48")

    file = tmp_path / "clock.json"
    setting = read_clock_file(file)
    assert setting is not None
    assert setting[2] == 60
    assert timedelta() <= FileClock(file).now() - (EIGHT + timedelta(days=2)) < timedelta(hours=1)


@pytest.mark.parametrize("instant", ["tomorrow", "2026-11-24T08:00", ""])
def test_refuses_an_instant_without_offset(run, instant):
    with pytest.raises(Invalid):
        run("clock", "set", instant)


@pytest.mark.parametrize(
    "command",
    [
        ("set", "0001-01-01T00:00+14:00"),
        ("set", "2200-01-01T00:00+00:00"),
        ("advance", "2000000"),
        ("advance", "1e300"),
        ("advance", "inf"),
    ],
    ids=" ".join,
)
def test_moves_to_no_time_that_no_service_would_take(run, tmp_path, command):
    with pytest.raises(Invalid) as refused:
        run("clock", *command)

    assert refused.value.code == "clock.instant"
    assert list(tmp_path.iterdir()) == []


def test_does_not_move_back(run):
    assert run("clock", "advance", "--", "-1").exit_code == 2
