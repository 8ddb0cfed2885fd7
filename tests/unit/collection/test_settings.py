"""Production needs a key of its own for cards, invites and scopes."""

import pytest
from pydantic import ValidationError

from services.collection.bootstrap import build_api
from services.collection.settings import CollectionSettings

PRODUCTION = {
    "environment": "production",
    "jwks": "https://issuer.example.org/jwks.json",
    "issuer": "https://issuer.example.org",
    "permit_keys": "https://tracking.example.org/v1/permit-keys",
}
KEY = "k" * 32


@pytest.mark.parametrize("key", [None, "", "k" * 31])
def test_production_refuses_to_start_without_a_key(key):
    with pytest.raises(ValidationError) as refused:
        CollectionSettings(**PRODUCTION, code_key=key)

    assert "k" * 31 not in str(refused.value)


def test_production_says_where_the_keys_of_permits_are():
    with pytest.raises(ValidationError, match="GREENLOOP_PERMIT_KEYS"):
        CollectionSettings(**{**PRODUCTION, "permit_keys": None}, code_key=KEY)


def test_a_key_is_not_shown():
    settings = CollectionSettings(**PRODUCTION, code_key=KEY)

    assert KEY not in repr(settings)


def test_development_makes_no_key_before_it_is_needed(tmp_path):
    build_api(CollectionSettings(state_dir=tmp_path)).openapi()

    assert list(tmp_path.iterdir()) == []
