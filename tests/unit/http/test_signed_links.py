"""A signed link opens one thing for a while; whatever is wrong with it is told in one way."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.key_files import ensure_secret
from shared.http.signed_links import SignedLinks
from shared.kernel.errors import Forbidden, Invalid

NOW = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
MINUTES = timedelta(minutes=10)
LINKS = SignedLinks(b"s" * 32, purpose="test.file", code="test.link")


def made(links=LINKS, opens="r-1"):
    query, ends = links.query(opens, now=NOW, good_for=MINUTES)
    return {name: held[0] for name, held in parse_qs(query).items()}, ends


def opens(what, *, links=LINKS, now=NOW, **parts):
    try:
        links.check(what, now=now, **parts)
    except Forbidden as refused:
        return refused.code != "test.link"
    return True


def test_opens_its_thing_until_its_end():
    parts, ends = made()

    assert opens("r-1", **parts)
    assert opens("r-1", now=ends - timedelta(milliseconds=1), **parts)
    assert not opens("r-1", now=ends, **parts)


def test_opens_nothing_else():
    parts, _ = made()
    later = str(int(parts["expires"]) + 1)
    others = [
        opens("r-2", **parts),
        opens("r-1", **{**parts, "expires": later}),
        opens("r-1", **{**parts, "expires": f" {parts['expires']}"}),
        opens("r-1", **{**parts, "signature": parts["signature"].upper()}),
        opens("r-1", **{**parts, "signature": ""}),
        opens("r-1", links=SignedLinks(b"o" * 32, purpose="test.file", code="test.link"), **parts),
        opens("r-1", links=SignedLinks(b"s" * 32, purpose="other", code="test.link"), **parts),
    ]

    assert others == [False] * len(others)


@given(st.text(), st.text(), st.text())
def test_whatever_is_sent_is_refused_in_the_one_way(what, expires, signature):
    assert not opens(what, expires=expires, signature=signature)


def test_no_end_is_moved_into_what_is_opened():
    parts, _ = made(opens="r-12")
    moved = {**parts, "expires": f"2{parts['expires']}"}

    assert not opens("r-1", **moved)


def test_processes_share_the_first_secret(tmp_path):
    path = tmp_path / "deep" / "link.key"
    ensure_secret(path)
    first = path.read_bytes()
    ensure_secret(path)

    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o077 == 0
    assert opens(
        "r-1",
        links=SignedLinks.from_file(path, purpose="p", code="test.link"),
        **made(SignedLinks.from_file(path, purpose="p", code="test.link"))[0],
    )


def test_a_short_secret_is_refused(tmp_path):
    (tmp_path / "key").write_bytes(b"short\n")

    with pytest.raises(Invalid):
        SignedLinks.from_file(tmp_path / "key", purpose="p", code="c")
