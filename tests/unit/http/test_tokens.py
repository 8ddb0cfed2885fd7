"""Only tokens of this issuer, for this audience, now, by an algorithm that we chose."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.http.keys import FileKeys
from shared.http.tokens import TOKEN_BYTES_MAX, Tokens
from shared.kernel.errors import Rejected

PRIVATE = Ed25519PrivateKey.generate()
KEY_ID = "k1"
LONG_AGO, FAR_AHEAD = 946_684_800, 4_102_444_800  # 2000 and 2100: a test is named by its case


class OneKey:
    """A JWKS of one key, which can be withdrawn."""

    def __init__(self):
        jwk = json.loads(jwt.get_algorithm_by_name("EdDSA").to_jwk(PRIVATE.public_key()))
        self.keys = {KEY_ID: jwt.PyJWK({**jwk, "kid": KEY_ID, "alg": "EdDSA"})}

    def key(self, key_id):
        return self.keys[key_id]


def tokens(keys=None, now_s=time.time):
    return Tokens(keys or OneKey(), issuer="greenloop-local", audience="greenloop", now_s=now_s)


def claims(**changed):
    now_s = int(time.time())
    whole = {
        "iss": "greenloop-local",
        "aud": "greenloop",
        "sub": "r-1",
        "roles": ["resident"],
        "nbf": now_s - 1,
        "exp": now_s + 60,
    }
    return {name: held for name, held in {**whole, **changed}.items() if held is not None}


def signed(private=PRIVATE, algorithm="EdDSA", kid=KEY_ID, **changed):
    return jwt.encode(claims(**changed), private, algorithm=algorithm, headers={"kid": kid})


def part(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_takes_a_good_token():
    assert tokens().claims(signed())["sub"] == "r-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "another"},
        {"aud": "another"},
        {"exp": LONG_AGO},
        {"nbf": FAR_AHEAD},
        {"exp": None},
        {"nbf": None},
        {"iss": None},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 129},
        {"exp": "soon"},
        {"roles": "operator"},
        {"roles": [{"operator": 1}]},
    ],
    ids=str,
)
def test_refuses_wrong_claims(wrong):
    with pytest.raises(Rejected, match="valid token") as refused:
        tokens().claims(signed(**wrong))

    assert refused.value.code == "http.unauthenticated"


def test_refuses_the_algorithm_none():
    unsigned = f"{part({'alg': 'none', 'kid': KEY_ID})}.{part(claims())}."

    with pytest.raises(Rejected):
        tokens().claims(unsigned)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.Raw])
def test_refuses_a_shared_secret_made_of_the_public_key(encoding):
    form = PublicFormat.Raw if encoding is Encoding.Raw else PublicFormat.SubjectPublicKeyInfo
    secret = PRIVATE.public_key().public_bytes(encoding, form)
    body = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': KEY_ID})}.{part(claims())}"
    mac = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    forged = f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    with pytest.raises(Rejected):
        tokens().claims(forged)


def test_refuses_another_key_under_a_known_id():
    with pytest.raises(Rejected):
        tokens().claims(signed(Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("kid", ["unknown", "", "../../etc/passwd"])
def test_refuses_an_unknown_key(kid):
    with pytest.raises(Rejected):
        tokens().claims(signed(kid=kid))


def test_refuses_a_changed_token():
    header, body, signature = signed().split(".")
    other = part(claims(roles=["operator"]))

    with pytest.raises(Rejected):
        tokens().claims(f"{header}.{other}.{signature}")
    assert body != other


def test_refuses_a_huge_token():
    with pytest.raises(Rejected):
        tokens().claims(signed(note="x" * TOKEN_BYTES_MAX))


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_refuses_any_other_text(text):
    with pytest.raises(Rejected):
        tokens().claims(text)


@pytest.mark.parametrize("header", [{"alg": "EdDSA", "kid": ["k1"]}, {"alg": []}, [], "x", None])
def test_refuses_a_header_of_another_shape(header):
    with pytest.raises(Rejected):
        tokens().claims(f"{part(header)}.{part(claims())}.AAAA")


def test_knows_whose_token_it_was_only_after_it_was_verified():
    verifier, token = tokens(), signed()
    before = verifier.subject_if_known(token)

    verifier.claims(token)

    assert (before, verifier.subject_if_known(token)) == (None, "r-1")


def test_refuses_a_withdrawn_key_after_a_minute():
    keys, token = OneKey(), signed(exp=int(time.time()) + 600)
    times_s = [time.time()]
    verifier = tokens(keys, now_s=lambda: times_s[-1])
    verifier.claims(token)
    keys.keys.clear()
    assert verifier.claims(token)["sub"] == "r-1"

    times_s.append(times_s[0] + 61)

    with pytest.raises(Rejected):
        verifier.claims(token)


def test_file_keys_follow_a_new_file(tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [jwk_of(OneKey(), "old")]}))
    keys = FileKeys(path)
    keys.key("old")

    path.write_text(json.dumps({"keys": [jwk_of(OneKey(), "new")]}))

    assert keys.key("new").key_id == "new"
    with pytest.raises(KeyError):
        keys.key("old")


def jwk_of(keys, key_id):
    jwk = json.loads(jwt.get_algorithm_by_name("EdDSA").to_jwk(keys.keys[KEY_ID].key))
    return {**jwk, "kid": key_id, "alg": "EdDSA"}
