"""Notices by a real worker: due by the business clock, sent once each, the same id after a kill."""

from datetime import UTC, datetime, time, timedelta

import pytest
from typer.testing import CliRunner

from services.collection.domain.slots import slot_named
from shared.kernel.clock import at_local, legal_day
from tests.chaos.processes import KILLED
from tests.integration.collection_house import COMMUNITY, house_of, service_day, slot_id
from tests.integration.drives_house import DriveHouse
from tests.integration.gateways import http_gateway, smtp_server
from tests.polling import eventually
from tools.cli.__main__ import app

pytestmark = pytest.mark.integration

ADDRESS = "chen.wei@example.org"
SLOT = slot_id(days=9)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path, clock_file=tmp_path / "clock.json") as held:
        clock("set", f"{service_day(0)}T10:00+08:00", held)  # nobody is told at night
        held.open_slot(days=9)
        yield held


@pytest.fixture
def mail():
    with smtp_server() as (mailbox, port):
        settings = {
            "smtp_host": "127.0.0.1",
            "smtp_port": str(port),
            "smtp_from": "no-reply@greenloop.test",
            "smtp_security": "none",
            "operators_email": "city@greenloop.test",
        }
        yield mailbox, settings


@pytest.fixture
def gateway():
    with http_gateway() as (held, url):
        yield held, {"gateway_url": url, "gateway_secret": "a secret of the gateway"}


def working(house, kafka_bootstrap, settings, **rest):
    return house.working(
        kafka=kafka_bootstrap, clock_file=str(house.settings.clock_file), **settings, **rest
    )


def clock(command, argument, house):
    """`greenloop clock …` for the house's processes."""
    folder = str(house.settings.state_dir)
    done = CliRunner().invoke(app, ["clock", command, argument, "--state-dir", folder])
    assert done.exit_code == 0, done.output


def advance(house, by):
    clock("advance", str(by.total_seconds() / 3_600), house)


def advance_to(house, instant):
    advance(house, instant - house.wiring.desk.clock.now())


def booked(house):
    return house.book(house.household(email=ADDRESS), slot=SLOT).json()["pickup_id"]


def notices(house, **params):
    return house.get("/notices", role="operator", **params).json()["items"]


def try_again(house):
    """What time does: claims of the dead end, and waits are over."""
    house.wiring.db["intents"].update_many({"progress": "waiting"}, {"$set": {"try_at": LONG_AGO}})


def test_reminders_follow_the_business_clock_of_all_processes(house, mail, kafka_bootstrap):
    mailbox, settings = mail
    start = slot_named(SLOT).window[0]
    booked(house)

    with working(house, kafka_bootstrap, settings):
        advance_to(house, start - timedelta(hours=72))
        eventually(lambda: len(mailbox.messages) == 1, within_s=60)
        advance(house, timedelta(hours=48))
        eventually(lambda: len(mailbox.messages) == 2)
        advance(house, timedelta(hours=30))
        slots = house.wiring.db["slots"]
        eventually(lambda: slots.count_documents({"remind_at": {"$lte": start}}) == 0)
        eventually(lambda: [each["state"] for each in notices(house)] == ["sent", "sent"])

    assert [each["To"] for each in mailbox.messages] == [ADDRESS] * 2
    assert "上门回收" in mailbox.messages[0]["Subject"]
    assert mailbox.messages[1]["Subject"].startswith("提醒")
    assert ADDRESS not in str(list(house.wiring.db["intents"].find()))


@pytest.mark.chaos
def test_a_kill_between_sending_and_noting_sends_the_same_message_again(
    house, mail, kafka_bootstrap
):
    mailbox, settings = mail
    cancel = {"reason": "typhoon"}
    house.post(f"/pickups/{booked(house)}/cancellation", cancel, role="operator")

    label = "notice.send.after:1"
    with working(house, kafka_bootstrap, settings, crash_at=label) as process:
        assert process.wait(timeout=60) == KILLED
    waiting = [each["state"] for each in notices(house)]
    try_again(house)
    with working(house, kafka_bootstrap, settings):
        eventually(lambda: [each["state"] for each in notices(house)] == ["sent"], within_s=60)

    assert waiting == ["waiting"]
    assert len(mailbox.messages) == 2
    assert len(set(mailbox.ids)) == 1
    assert "台风" in mailbox.messages[0].get_content()


def test_a_gateway_gets_what_is_preferred_again_until_it_takes_it(house, gateway, kafka_bootstrap):
    held, settings = gateway
    held.statuses = [429]
    asked = {"channel": "message", "language": "en"}
    told = house.post("/notice-preferences", asked)
    pickup_id = booked(house)
    house.post(f"/pickups/{pickup_id}/outcomes", outcome("delay"), role="collector")

    with working(house, kafka_bootstrap, settings):
        eventually(lambda: len(held.posts) >= 1, within_s=60)
        eventually(lambda: notices(house, state="sent") or try_again(house), every_s=0.5)
        eventually(lambda: len(held.posts) == 3)

    assert told.json() == house.get("/notice-preferences").json() == asked
    bodies = {(each["id"], each["recipient"], each["language"]) for each in held.bodies}
    assert len(bodies) == 2  # the household's and the city's, of which one was sent twice
    assert {who for _, who, _ in bodies} == {"resident-1", "operators"}
    (english,) = {each["body"] for each in held.bodies if each["recipient"] == "resident-1"}
    assert "a delay on the tour" in english


def outcome(code):
    return {"outcome": code, "happened_at": datetime.now(UTC).isoformat()}


def signed_up(drives, number, drive_id):
    """A household of its own resident, signed up."""
    who = {"subject": f"resident-{number}"}
    point = {"community_code": COMMUNITY, "latitude": 26.08, "longitude": 119.29}
    body = {**point, "email": f"{number}@example.org"}
    home = {"household_id": drives.post("/households", body, **who).json()["household_id"]}
    assert drives.post(f"/drives/{drive_id}/sign-ups", home, **who).status_code == 201
    return home, who


@pytest.fixture
def drives(house):
    held = DriveHouse(house.settings)
    yield held
    held.wiring.client.close()


@pytest.mark.chaos
def test_a_drive_that_is_called_off_tells_each_once_also_after_kills(
    house, drives, mail, kafka_bootstrap
):
    mailbox, settings = mail
    drive_id = drives.plan(after=timedelta(days=9))
    _, _, (home, who) = (signed_up(drives, number, drive_id) for number in (1, 2, 3))
    drives.act(drive_id, "withdrawals", home, role="resident", **who)
    # Three days before it, at noon: at night nobody is told.
    advance_to(house, at_local(legal_day(drives.begin) + timedelta(days=7), time(12)))

    with working(house, kafka_bootstrap, settings, crash_at="notice.drive.before:2") as process:
        eventually(lambda: len(mailbox.messages) == 2, within_s=60)
        drives.act(drive_id, "cancellation", {"reason": "typhoon"}, role="operator")
        assert process.wait(timeout=60) == KILLED
    try_again(house)
    news = house.wiring.notices.news
    with working(house, kafka_bootstrap, settings):
        eventually(lambda: len(notices(house, drive_id=drive_id, state="sent")) == 4, within_s=60)
        eventually(lambda: not news.untold(limit=1) and not news.fresh(limit=1))

    mails = [(each["To"], "已取消" in each["Subject"]) for each in mailbox.messages]
    assert sorted(mails) == [(f"{n}@example.org", off) for n in (1, 2) for off in (False, True)]
    assert "台风" in mailbox.messages[-1].get_content()
    assert len(set(mailbox.ids)) == 4


def test_an_operator_sees_what_is_parked_and_lets_it_be_tried_anew(house, mail, kafka_bootstrap):
    mailbox, settings = mail
    mailbox.recipient_answers = ["550 no such mailbox"]
    pickup_id = booked(house)
    house.post(f"/pickups/{pickup_id}/cancellation", {"reason": "holiday"}, role="operator")

    with working(house, kafka_bootstrap, settings):
        (parked,) = eventually(lambda: notices(house, state="parked"), within_s=60)
        retry = f"/notices/{parked['notice_id']}/retry"
        assert house.post(retry, {}).status_code == 403
        assert house.post(retry, {}, role="operator").json()["state"] == "waiting"
        eventually(lambda: notices(house, state="sent", pickup_id=pickup_id))

    ended = house.post(retry, {}, role="operator")
    assert (parked["why"], parked["attempts"]) == ("notice.recipient_refused", 1)
    assert (ended.status_code, ended.json()["code"]) == (409, "notice.ended")
    assert house.post("/notices/none/retry", {}, role="operator").status_code == 404
    assert len(mailbox.messages) == 1


def test_a_person_who_was_erased_is_sent_nothing(house, mail, kafka_bootstrap):
    mailbox, settings = mail
    pickup_id = booked(house)
    assert house.post("/person/erasure", {}).status_code == 202
    house.post(f"/pickups/{pickup_id}/cancellation", {"reason": "holiday"}, role="operator")

    with working(house, kafka_bootstrap, settings):
        (void,) = eventually(lambda: notices(house, state="void"), within_s=60)

    assert void["why"] == "notice.nobody"
    assert mailbox.messages == []


def test_steps_that_are_told_leave_the_pickups_version_alone(house, kafka_bootstrap):
    pickup_id = booked(house)
    house.post(f"/pickups/{pickup_id}/outcomes", outcome("extra_item"), role="collector")
    version = house.wiring.pickups.get(pickup_id).version

    with working(house, kafka_bootstrap, {}):
        eventually(lambda: notices(house), within_s=60)
        eventually(lambda: not house.wiring.search.untold(limit=1))

    assert house.wiring.pickups.get(pickup_id).version == version
    assert [each["why"] for each in notices(house)] == ["notice.no_channel"]
