"""A scan: what does not fit is refused here, and permits are limited in number and time."""

from datetime import date, timedelta

import pytest

from services.tracking.application.container_desk import IssuePermit, issue_permit
from services.tracking.domain.container_permits import PermitRules
from services.tracking.domain.container_states import State
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.unit.tracking.builders import LATER, LEAD, LITHIUM, container, request
from tests.unit.tracking.ward import Ward, battery
from tests.unit.tracking.yard import desk_of

NI_CD, DRY = "ni-cd-batteries", "alkaline-batteries"
RULES = PermitRules(hours_default=12, hours_max=48, live_max=2)


class Post:
    """Where collectors scan one container."""

    def __init__(self, held):
        self.ward = Ward(held) if held else Ward()
        self.clock = ManualClock(LATER)
        self.desk = desk_of(self.ward, self.clock, permit_rules=RULES)

    def scan(self, *materials, number=1, hours=None, tag="GL-1", body="body"):
        cmd = IssuePermit(
            permit_id=f"permit-{number}",
            tag=tag,
            materials=materials,
            hours=hours,
            subject="collector-1",
            device_id="phone-1",
        )
        return issue_permit(cmd, desk=self.desk, request=request(f"scan-{number}", body)).state

    def refusal(self, *materials, error=Conflict, **rest):
        with pytest.raises(error) as refused:
            self.scan(*materials, **rest)
        return refused.value.code


def test_a_permit_says_what_for_how_much_and_until_when():
    post = Post(container(limit_g=20_000))
    post.ward.weigh(battery(9_000))

    permit = post.scan(LEAD)

    assert (permit.tag, permit.materials, permit.grams_left) == ("GL-1", (LEAD,), 11_000)
    assert (permit.subject, permit.device_id) == ("collector-1", "phone-1")
    assert permit.expires_at - permit.issued_at == timedelta(hours=12)


def test_a_permit_reserves_no_grams():
    post = Post(container(limit_g=20_000))

    assert post.scan(LEAD, number=1).grams_left == post.scan(LEAD, number=2).grams_left == 20_000
    assert post.ward.container().content_g == 0


@pytest.mark.parametrize(
    ("held", "wanted", "code"),
    [
        (container(), LITHIUM, "tracking.wrong_material"),
        (container(state=State.SEALED), LEAD, "tracking.container_sealed"),
        (container(state=State.RETIRED), LEAD, "tracking.container_retired"),
        (container(state=State.LOST), LEAD, "tracking.container_lost"),
        (container(tested_until=date(2026, 11, 23)), LEAD, "tracking.test_expired"),
        (container(material=None), LEAD, "tracking.wrong_material"),
    ],
)
def test_what_does_not_fit_is_refused_at_the_scan(held, wanted, code):
    assert Post(held).refusal(wanted) == code


def test_what_is_incompatible_with_the_content_is_refused_at_the_scan():
    post = Post(container(materials=(LEAD, NI_CD)))
    post.ward.weigh(battery(9_000))

    assert post.refusal(NI_CD) == "tracking.incompatible"
    assert post.refusal(LEAD, NI_CD) == "tracking.incompatible"
    assert post.scan().materials == (LEAD,)


def test_a_full_container_gives_no_permit():
    post = Post(container(limit_g=9_000))
    post.ward.weigh(battery(9_000))

    assert post.refusal(LEAD) == "tracking.over_limit"


def test_a_class_is_told_by_its_materials():
    post = Post(container(material=None, classes=("dry-battery",)))

    assert DRY in post.scan().materials


def test_a_container_for_nothing_gives_no_permit():
    assert Post(container(material=None)).refusal() == "tracking.wrong_material"


@pytest.mark.parametrize("tag", ["GL-NONE", "GL-LOST"])
def test_an_unknown_tag_gives_no_permit(tag):
    post = Post(None)
    post.ward.weigh(battery(9_000, tag="GL-LOST"))

    assert post.refusal(LEAD, tag=tag, error=NotFound) == "container.not_found"


def test_only_so_many_permits_are_out_at_once():
    post = Post(container())
    post.scan(number=1)
    post.scan(number=2)

    assert post.refusal(number=3) == "tracking.too_many_permits"
    post.clock.advance(timedelta(hours=12))
    assert post.scan(number=3).permit_id == "permit-3"


@pytest.mark.parametrize("hours", [-1, 49])
def test_a_permit_lives_for_a_bounded_time(hours):
    assert Post(container()).refusal(hours=hours, error=Invalid) == "tracking.permit_hours"


def test_a_repeated_scan_is_the_first_one_also_when_the_container_is_sealed_since():
    post = Post(container())
    first = post.scan(LEAD)
    post.ward.weigh(battery(9_000))
    post.ward.seal(13_000)

    assert post.scan(LEAD) == first
    assert len(post.ward.container().leases) == 1


def test_a_scan_that_died_after_its_lease_is_made_once():
    post = Post(container())
    cut = post.desk.permits
    post.desk = desk_of(post.ward, post.clock, permit_rules=RULES)
    post.scan(LEAD, number=1)
    object.__setattr__(post.desk, "permits", cut)  # the lease is out, the permit was never kept

    post.scan(LEAD, number=1)

    assert [each.permit_id for each in post.ward.container().leases] == ["permit-1"]


def test_a_key_that_was_used_for_another_scan_is_refused():
    post = Post(container())
    post.scan(LEAD)

    assert post.refusal(body="other", error=Invalid) == "idempotency.body_differs"


def test_a_new_fill_knows_no_permits_of_the_last_one():
    post = Post(container())
    post.scan(number=1)
    post.scan(number=2)
    post.ward.weigh(battery(9_000))
    post.ward.through_its_life()
    post.clock.advance(timedelta(hours=2))

    assert post.scan(number=3).permit_id == "permit-3"
