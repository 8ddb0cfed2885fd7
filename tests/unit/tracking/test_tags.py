"""Tags: a wrong character is seen; batches never share a serial; chips carry the same number."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.application.container_desk import RegisterContainer, register_container
from services.tracking.application.tag_desk import IssueTags, issue_tags
from services.tracking.domain import epc
from services.tracking.domain.tag_batch import tags_of
from services.tracking.domain.tags import (
    BLOCKS_MAX,
    Grai,
    canonical,
    grai_of,
    grai_tag,
    mod_10,
    own_tag,
    scanned,
    serial_of,
)
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Conflict, Invalid
from tests.unit.tracking.builders import BY, LEAD, WEIGHED_AT, request
from tests.unit.tracking.yard import FakeTagBatches, Yard, desk_of

CLOCK = ManualClock(WEIGHED_AT)
SERIALS = st.integers(0, 99_999_999)
GRAIS = st.builds(
    grai_tag, st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 10**9).map(str)
)
ANY_LETTER = string.ascii_uppercase + string.digits


def issue(batches, scope="a", **rest):
    asked = {"count": 3, "company_prefix": None, "asset_type": None, "epc_manager": None, **rest}
    cmd = IssueTags(batch_id=f"batch-{scope}", issued_by="operator-1", **asked)
    return issue_tags(cmd, batches=batches, clock=CLOCK, request=request(scope)).state


def refusal(tag, **rest):
    with pytest.raises(Invalid) as refused:
        canonical(tag, **rest)
    return refused.value.code


@given(SERIALS)
def test_an_own_tag_tells_its_serial(serial):
    assert serial_of(own_tag(serial)) == serial
    assert canonical(own_tag(serial).lower()) == own_tag(serial)


@given(SERIALS, st.data())
def test_every_wrong_character_is_seen(serial, data):
    tag = own_tag(serial)
    place = data.draw(st.integers(3, len(tag) - 1))
    other = data.draw(st.sampled_from([c for c in ANY_LETTER + "-" if c != tag[place]]))

    assert refusal(tag[:place] + other + tag[place + 1 :]) == "tracking.tag_mistyped"


@given(SERIALS, st.data())
def test_every_swap_of_two_neighbours_is_seen(serial, data):
    tag = own_tag(serial)
    places = [n for n in range(4, len(tag) - 1) if tag[n] != tag[n + 1]]
    if places:
        n = data.draw(st.sampled_from(places))
        swapped = tag[:n] + tag[n + 1] + tag[n] + tag[n + 2 :]
        assert refusal(swapped) == "tracking.tag_mistyped"


@given(GRAIS, st.data())
def test_every_wrong_digit_of_a_grai_is_seen(tag, data):
    place = data.draw(st.integers(5, 17))
    other = data.draw(st.sampled_from([c for c in string.digits if c != tag[place]]))

    assert canonical(tag) == tag
    assert refusal(tag[:place] + other + tag[place + 1 :]) == "tracking.tag_mistyped"


@pytest.mark.parametrize(
    "tag", ["GLC-12", "glc", "GLC-0000O001-34", "GLC-٠٠٠٠٠٠٠١-34", "GLC-00000001-34x"]
)
def test_what_only_looks_like_an_own_tag_is_mistyped(tag):
    assert refusal(tag) == "tracking.tag_mistyped"


def test_tags_of_others_are_taken_as_they_are_or_not_at_all():
    assert canonical("GL-vehicle-01") == "GL-vehicle-01"
    assert refusal("GL-vehicle-01", foreign=False) == "tracking.tag_foreign"
    assert canonical(own_tag(7), foreign=False) == own_tag(7)


def test_a_fact_with_a_mistyped_tag_is_never_refused():
    assert scanned("glc-1") == "GLC-1"
    assert scanned("gl-1") == "gl-1"


def test_gs1s_own_examples_have_their_check_digit():
    # GS1 General Specifications, 7.9: 6291041500213; EPC TDS: 0614141 12345 has 2.
    assert mod_10("629104150021") == "3"
    assert grai_of(grai_tag("061414112345", "400")) == Grai("0614141123452", "400")


def test_a_grai_has_the_chip_of_the_epc_tag_data_standard():
    held = epc.grai(Grai("0614141123452", "400"), company_digits=7)

    assert held.uri == "urn:epc:id:grai:0614141.12345.400"
    assert held.hex96 == "3314257BF40C0E4000000190"


@pytest.mark.parametrize("serial", ["AB-1", "007", str(2**38)])
def test_a_serial_that_is_no_plain_number_has_no_96_bits(serial):
    assert epc.grai(Grai("0614141123452", serial), company_digits=7).hex96 is None


@given(SERIALS, st.integers(1, 2**28 - 1))
def test_an_own_tag_has_its_serial_on_the_chip(serial, manager):
    held = epc.gid(manager, serial)
    bits = int(held.hex96, 16)

    assert bits >> 88 == 0x35
    assert (bits >> 60 & (2**28 - 1), bits & (2**36 - 1)) == (manager, serial)
    assert held.uri == f"urn:epc:id:gid:{manager}.1.{serial}"


@pytest.mark.parametrize("company_digits", sorted(epc.PARTITIONS))
def test_all_partitions_of_a_grai_fill_44_bits(company_digits):
    _, company_bits, asset_bits = epc.PARTITIONS[company_digits]

    assert company_bits + asset_bits == 44
    assert 10**company_digits <= 2**company_bits
    assert 10 ** (12 - company_digits) <= 2**asset_bits


def test_batches_have_blocks_of_their_own():
    batches = FakeTagBatches()

    first, second = issue(batches, "a"), issue(batches, "b")

    assert [each.tag for each in tags_of(first)] == [own_tag(0), own_tag(1), own_tag(2)]
    assert next(tags_of(second)).tag == own_tag(1_000)
    assert (batches.is_issued(2), batches.is_issued(3), batches.is_issued(1_001)) == (
        True,
        False,
        True,
    )


def test_a_repeated_batch_is_the_first_one():
    batches = FakeTagBatches()

    assert issue(batches, "a") == issue(batches, "a")
    assert batches.next_block() == 1


def test_a_block_that_was_taken_meanwhile_is_passed_over():
    batches = FakeTagBatches()
    issue(batches, "a")
    blocks = iter([0, 1])
    batches.next_block = lambda: next(blocks)

    assert issue(batches, "b").block == 1


def test_crates_are_issued_by_company_and_asset_type():
    batch = issue(FakeTagBatches(), company_prefix="0614141", asset_type="12345", epc_manager=5)

    (first, *_) = tags_of(batch)
    assert grai_of(first.tag) == Grai("0614141123452", "0")
    assert (first.epc_uri, first.epc_hex[:2]) == ("urn:epc:id:grai:0614141.12345.0", "33")


@pytest.mark.parametrize(
    "rest",
    [
        {"count": 0},
        {"count": 1_001},
        {"company_prefix": "0614141", "asset_type": "1234"},
        {"company_prefix": "", "asset_type": "12345"},
        {"company_prefix": None, "asset_type": "123456789012"},
        {"company_prefix": "06141", "asset_type": "1234567"},
    ],
)
def test_refuses_a_batch_that_cannot_be(rest):
    with pytest.raises(Invalid) as refused:
        issue(FakeTagBatches(), **rest)

    assert refused.value.code == "tracking.tag_batch"


def test_no_tag_is_issued_past_the_last_serial():
    batches = FakeTagBatches()
    batches.next_block = lambda: BLOCKS_MAX

    with pytest.raises(Conflict) as refused:
        issue(batches)

    assert refused.value.code == "tracking.tags_used_up"


def test_only_issued_tags_of_ours_are_registered():
    desk = desk_of(Yard(), CLOCK)
    issue(desk.batches)

    def register(tag):
        cmd = RegisterContainer(tag, "box-60l", LEAD, tare_g=4_000, limit_g=60_000)
        return register_container(cmd, by=BY, desk=desk, request=request(tag)).state

    assert register(own_tag(2).lower()).tag == own_tag(2)
    with pytest.raises(Invalid) as refused:
        register(own_tag(3))
    assert refused.value.code == "tracking.tag_not_issued"


def test_a_crate_is_a_container_for_no_material():
    desk = desk_of(Yard(), CLOCK)
    tag = grai_tag("061414112345", "400")
    cmd = RegisterContainer(tag, "crate", None, tare_g=1_800, limit_g=30_000)

    crate = register_container(cmd, by=BY, desk=desk, request=request("a")).state

    assert (crate.material, crate.allowed, crate.waste_code) == (None, (), None)


def test_any_other_container_is_for_something():
    desk = desk_of(Yard(), CLOCK)
    cmd = RegisterContainer("GL-1", "box", None, tare_g=1, limit_g=2)

    with pytest.raises(Invalid) as refused:
        register_container(cmd, by=BY, desk=desk, request=request("a"))

    assert refused.value.code == "tracking.no_material"
