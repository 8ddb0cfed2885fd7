"""One trace id follows a request; what is malformed begins a new one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.observability import tracing

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


def test_keeps_the_callers_trace_under_a_span_of_its_own():
    given_ = f"00-{TRACE}-00f067aa0ba902b7-00"

    mine = tracing.begin(given_)

    assert mine.split("-")[1] == tracing.trace_id() == TRACE
    assert mine.split("-")[2] != given_.split("-")[2]


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        "",
        "00",
        f"01-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01\n",
        f"00-{TRACE}-00f067aa0ba902b7-01-more",
    ],
)
def test_begins_a_new_trace(malformed):
    mine = tracing.begin(malformed)

    assert FORM.fullmatch(mine)
    assert TRACE not in mine


@given(st.text(max_size=80))
def test_never_passes_on_what_it_does_not_understand(header):
    assert FORM.fullmatch(tracing.begin(header))
