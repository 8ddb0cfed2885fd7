"""Who lives where is kept for seconds: nobody is refused by what is old."""

import threading
from dataclasses import replace

import pytest

from services.collection.adapters.codes import HmacCodes, key_in
from services.collection.adapters.directory import FRESH_FOR_S, KEPT_MAX, Kept, KeptDirectory
from services.collection.application import members
from services.collection.application.desk import own_household
from services.collection.application.members import Acting
from shared.kernel.errors import NotFound
from tests.unit.collection.builders import House, plain_request


class Clock:
    def __init__(self):
        self.now_s = 100.0

    def __call__(self):
        return self.now_s


class Reads:
    def __init__(self, answer="found"):
        self.asked, self.answer = [], answer

    def __call__(self, key):
        self.asked.append(key)
        return self.answer


def test_asks_once_in_a_while():
    clock, read = Clock(), Reads()
    kept = Kept(now_s=clock)

    found = [kept.get("a", read), kept.get("a", read)]
    clock.now_s += FRESH_FOR_S
    found.append(kept.get("a", read))

    assert (found, read.asked) == (["found"] * 3, ["a", "a"])


def test_asks_again_for_what_is_not_there():
    kept, read = Kept(), Reads(None)

    kept.get("a", read)
    kept.get("a", read)

    assert read.asked == ["a", "a"]


def test_forgets_also_what_is_being_read():
    kept = Kept()

    def slow(_key):
        kept.forget()
        return "old"

    kept.get("a", slow)

    assert kept.get("a", Reads("new")) == "new"


def test_keeps_a_bounded_number():
    kept, read = Kept(), Reads()
    for number in range(KEPT_MAX + 10):
        kept.get(str(number), read)

    assert len(kept._held) == KEPT_MAX


def with_guest(house):
    acting = Acting("home", "resident-1", False)
    _, code = members.invite(acting, "member", desk=house.desk, request=plain_request("invite"))
    members.join(code, "resident-2", desk=house.desk, request=plain_request("join"))
    return house.people.of("resident-2").id


@pytest.fixture
def house():
    house = House()
    directory = KeptDirectory(house.households, house.people)
    house.desk = replace(house.desk, directory=directory)
    return house


def test_who_just_joined_is_not_refused_by_what_is_kept(house):
    own_household("home", "resident-1", is_staff=False, desk=house.desk)
    with pytest.raises(NotFound):
        own_household("home", "resident-2", is_staff=False, desk=house.desk)

    with_guest(house)

    assert own_household("home", "resident-2", is_staff=False, desk=house.desk)


def test_who_was_removed_by_this_process_is_refused_at_once(house):
    guest = with_guest(house)
    own_household("home", "resident-2", is_staff=False, desk=house.desk)

    acting = Acting("home", "resident-1", False)
    members.remove(acting, guest, desk=house.desk, request=plain_request("remove"))

    with pytest.raises(NotFound):
        own_household("home", "resident-2", is_staff=False, desk=house.desk)


def test_a_code_is_the_same_for_the_same_and_tells_nothing_of_it():
    codes, others = HmacCodes(lambda: b"k" * 32), HmacCodes(lambda: b"o" * 32)

    code = codes.code("card", "scope")

    assert code == codes.code("card", "scope")
    made = {
        codes.code("invite", "scope"),
        codes.code("card", "other"),
        others.code("card", "scope"),
    }
    assert code not in made
    assert len(code) == 32
    assert code.isalnum()
    assert code.upper() == code


def test_the_first_of_many_processes_makes_the_key(tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(key_in(tmp_path / "new" / "code.key")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(set(found)), len(found[0])) == (1, 32)
    assert (tmp_path / "new" / "code.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["code.key"]
