"""Permits: only tracking's are read, and a lot is judged by when it was weighed."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.http.key_files import private_keys
from shared.http.keys import FileKeys, key_set
from shared.http.local_issuer import issue_token
from shared.kernel.errors import Invalid, Unavailable
from shared.permits import model
from shared.permits.model import Permit, Use, fault_of
from shared.permits.signing import PermitSigner, ensure_permit_keys, jwks_path, key_id
from shared.permits.tokens import TYPE, Verdict, claims_of, judged, read_permit

AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
PERMIT = Permit(
    permit_id="permit-1",
    container_tag="GLC-00012345-56",
    materials=("lead-acid-batteries",),
    classes=("acid-battery",),
    grams_left=10_000,
    subject="collector-1",
    device_id="phone-1",
    issued_at=AT,
    expires_at=AT + timedelta(hours=12),
)
USE = Use("GLC-00012345-56", "lead-acid-batteries", 10_000, "collector-1", AT)


@pytest.fixture
def signer(tmp_path):
    return PermitSigner(ensure_permit_keys(tmp_path))


@pytest.fixture
def keys(signer, tmp_path):
    return FileKeys(jwks_path(tmp_path))


class StandingKeys:
    """Keys that are known, or that cannot be read."""

    def __init__(self, signer=None):
        self.held = key_set(json.dumps(signer.jwks()).encode()) if signer else None

    def key(self, key_id):
        if self.held is None:
            raise Unavailable("auth.no_keys")
        return self.held[key_id]


def test_a_permit_comes_back_as_it_was_signed(signer, keys):
    assert read_permit(signer.sign(PERMIT), keys) == PERMIT
    assert read_permit(signer.sign(replace(PERMIT, device_id=None)), keys).device_id is None


def test_the_same_permit_is_the_same_text(signer):
    assert signer.sign(PERMIT) == signer.sign(PERMIT)


def test_a_permit_fits_into_a_weigh_in_of_many_lots(signer):
    many = replace(PERMIT, materials=tuple(f"material-{n}-batteries" for n in range(20)))

    assert len(signer.sign(PERMIT)) < 600
    assert len(signer.sign(many)) < 1_500


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"container_tag": "GLC-00012400-85"}, model.OTHER_CONTAINER),
        ({"container_tag": None}, model.OTHER_CONTAINER),
        ({"at": AT + timedelta(hours=12)}, model.EXPIRED),
        ({"at": AT + timedelta(hours=11, minutes=59)}, None),
        ({"material": "lithium-ion-batteries"}, model.OTHER_MATERIAL),
        ({"mass_g": 10_001}, model.OVER_LIMIT),
        ({"collector_id": "collector-2"}, model.OTHER_COLLECTOR),
    ],
)
def test_a_lot_is_within_its_permit_or_the_fault_is_named(signer, keys, changed, fault):
    verdict = judged(signer.sign(PERMIT), replace(USE, **changed), keys=keys)

    assert verdict == Verdict("permit-1", fault)


def test_an_expired_permit_covers_what_was_weighed_before(signer, keys):
    """A phone that was offline comes back days later, and this process's clock is elsewhere."""
    old = replace(PERMIT, issued_at=AT - timedelta(days=900), expires_at=AT - timedelta(days=899))

    verdict = judged(signer.sign(old), replace(USE, at=AT - timedelta(days=900)), keys=keys)

    assert verdict == Verdict("permit-1", None)


def test_keys_that_cannot_be_read_are_no_fault_of_the_lot(signer):
    assert judged(signer.sign(PERMIT), USE, keys=StandingKeys()) == Verdict(None, model.UNVERIFIED)


def signed(key, claims, **header):
    headers = {"typ": TYPE, "kid": key_id(key), **header}
    return jwt.encode(claims, key, algorithm="EdDSA", headers=headers)


def refused(token, keys):
    with pytest.raises(Invalid) as no:
        read_permit(token, keys)
    assert judged(token, USE, keys=keys) == Verdict(None, model.UNREADABLE)
    return no.value.code


def test_another_key_signs_nothing(signer, keys):
    other = Ed25519PrivateKey.generate()
    known = signer.jwks()["keys"][0]["kid"]

    assert refused(signed(other, claims_of(PERMIT)), keys) == model.UNREADABLE
    assert refused(signed(other, claims_of(PERMIT), kid=known), keys) == model.UNREADABLE


def test_a_callers_token_is_no_permit_and_none_is_a_callers_token(signer, keys, tmp_path):
    token = issue_token(tmp_path, subject="collector-1", roles=["collector"])

    assert refused(token, keys) == model.UNREADABLE
    assert refused(token, FileKeys(tmp_path / "issuer" / "jwks.json")) == model.UNREADABLE


@pytest.mark.parametrize(
    "name", ["iss", "aud", "sub", "jti", "iat", "exp", "cid", "mat", "cls", "left"]
)
def test_a_claim_that_is_missing_is_no_permit(tmp_path, keys, signer, name):
    (key,) = private_keys(tmp_path / "permits" / "private.pem")
    missing = {each: held for each, held in claims_of(PERMIT).items() if each != name}

    assert refused(signed(key, missing), keys) == model.UNREADABLE


@pytest.mark.parametrize(
    "odd",
    [{"left": "many"}, {"left": [1]}, {"mat": 7}, {"iat": 10**18}, {"exp": "soon"}, {"exp": None}],
)
def test_a_claim_of_another_shape_is_no_permit(tmp_path, keys, signer, odd):
    (key,) = private_keys(tmp_path / "permits" / "private.pem")

    assert refused(signed(key, {**claims_of(PERMIT), **odd}), keys) == model.UNREADABLE


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "a.b.c",
        "e30.e30.",
        "x" * 5_000,
        "\ud800",
        base64.urlsafe_b64encode(b'{"alg":"none","typ":"permit+jwt"}').decode().rstrip("=")
        + ".e30.",
        base64.urlsafe_b64encode(b'{"alg":"EdDSA","typ":"permit+jwt","kid":["x"]}').decode()
        + ".e30.AA",
        base64.urlsafe_b64encode(b"[" * 3_000).decode() + ".e30.AA",
    ],
)
def test_hostile_text_is_no_permit(keys, token):
    assert refused(token, keys) == model.UNREADABLE


def test_no_letter_of_a_permit_can_be_changed(signer, keys):
    token = signer.sign(PERMIT)

    for place in range(len(token) - 1):  # four bits of the last one mean nothing
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        assert judged(changed, USE, keys=keys).fault == model.UNREADABLE


def test_a_new_key_signs_and_the_old_one_still_verifies(tmp_path):
    old_path = ensure_permit_keys(tmp_path / "old")
    new_path = ensure_permit_keys(tmp_path / "new")
    old = PermitSigner(old_path).sign(PERMIT)
    both = tmp_path / "both.pem"
    both.write_bytes(new_path.read_bytes() + old_path.read_bytes())

    signer = PermitSigner(both)

    keys = StandingKeys(signer)
    assert read_permit(old, keys) == read_permit(signer.sign(PERMIT), keys) == PERMIT
    assert jwt.get_unverified_header(signer.sign(PERMIT))["kid"] == signer.jwks()["keys"][0]["kid"]
    assert not any("d" in jwk for jwk in signer.jwks()["keys"])


def test_development_makes_one_key_and_keeps_it(tmp_path):
    path = ensure_permit_keys(tmp_path)
    before = path.read_bytes()

    ensure_permit_keys(tmp_path)

    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----END PRIVATE KEY-----"])
def test_a_file_without_a_key_stops_the_start(tmp_path, content):
    path = tmp_path / "key.pem"
    path.write_bytes(content)

    with pytest.raises((Invalid, ValueError)):
        PermitSigner(path)


def test_faults_are_checked_in_a_fixed_order():
    wrong = Use("other", "other", 10**6, "other", AT + timedelta(days=9))

    assert fault_of(PERMIT, wrong) == model.OTHER_CONTAINER
