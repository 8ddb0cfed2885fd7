"""Who calls, in which role: 401 without a valid token, 403 without the role."""

import pytest

from shared.http.access import access_of, narrowed
from shared.http.auth import role
from shared.http.local_issuer import TTL_S_MAX, issue_token
from shared.kernel.errors import Invalid


def who(sample, **headers):
    return sample.call("GET", "/v1/who", headers=headers)


def test_gives_the_caller(sample):
    token = sample.token(subject="r-7", area_code="3501")

    response = who(sample, Authorization=f"bearer {token}")

    assert response.json() == {"subject": "r-7", "area_code": "3501"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c", "xyz"])
def test_refuses_who_shows_no_valid_token(sample, header):
    response = who(sample, Authorization=header)

    assert (response.status_code, response.json()["code"]) == (401, "http.unauthenticated")


def test_refuses_a_token_of_another_house(sample, tmp_path_factory):
    other = issue_token(tmp_path_factory.mktemp("other"), subject="r-1", roles=["resident"])

    assert who(sample, Authorization=f"Bearer {other}").status_code == 401


@pytest.mark.parametrize("roles", [[], ["collector"], ["admin"], ["RESIDENT"]])
def test_forbids_another_role(sample, roles):
    response = who(sample, Authorization=f"Bearer {sample.token(roles=roles)}")

    assert (response.status_code, response.json()["code"]) == (403, "auth.role")


@pytest.mark.parametrize("ttl_s", [0, -1, TTL_S_MAX + 1])
def test_issues_no_token_for_ever(sample, ttl_s):
    with pytest.raises(Invalid):
        sample.token(ttl_s=ttl_s)


def test_keeps_the_private_key_to_its_owner(sample):
    private = sample.state_dir / "issuer" / "private.pem"

    assert private.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("roles", "scopes"),
    [
        (["resident"], {"own": ["collector"]}),
        (["regulator"], {"area": ["resident"]}),
        (["regulator"], {"own": ["regulator"], "area": ["regulator"]}),
    ],
)
def test_refuses_a_scope_of_nobody_or_two_of_one(roles, scopes):
    with pytest.raises(ValueError, match="scope"):
        role(*roles, **scopes)


def test_what_several_declarations_let_pass_is_the_least_of_them():
    one = access_of(["resident", "operator", "regulator"], own=["resident"])
    other = access_of(["operator", "regulator"], area=["regulator"])

    assert narrowed([one, other]) == {"operator": "any", "regulator": "area"}
    assert narrowed([one]) == {"resident": "own", "operator": "any", "regulator": "any"}
