"""Photos: a blob is one only when its pickup says so, and none outlives its person."""

from datetime import timedelta

import pytest

from services.collection.application import photographing
from services.collection.application.people_ports import PhotoOf
from services.collection.application.photographing import CHECKED_AFTER, AddPhoto
from services.collection.domain.records import PHOTOS_MAX
from shared.kernel.aggregate import Answer, Request
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.unit.collection.builders import Crash, House
from tests.unit.collection.people_fakes import FakePictures

PICTURE = b"picture: a heap of cardboard"


class Album(House):
    def add(self, scope="photo", *, content=PICTURE, caller="resident-1", is_staff=False):
        return photographing.add_photo(
            AddPhoto("p-1", content, caller, is_staff),
            desk=self.desk,
            pictures=FakePictures(),
            request=Request(
                scope, "body", lambda s: Answer(201, s.state.photos[-1].photo_id.encode())
            ),
        )

    def shown(self):
        return [each.photo_id for each in self.pickups.get("p-1").state.photos]

    def blobs(self):
        return [p.photo_id for p in self.photos.of_person(self.owner, limit=100)]

    def check(self):
        self.lease_clock.advance(CHECKED_AFTER + timedelta(seconds=1))
        return photographing.check_photos(desk=self.desk)

    @property
    def owner(self):
        return self.people.of("resident-1").id


@pytest.fixture
def house():
    house = Album()
    house.book()
    return house


def test_a_photo_is_shown_with_its_pickup_without_exif(house):
    house.add(content=PICTURE + b"exif: Gulou 12-3")

    pickup = house.pickups.get("p-1").state

    assert photographing.photo_of(pickup, house.shown()[0], desk=house.desk) == PICTURE


def test_a_repeat_keeps_one_photo_and_gets_the_first_answer(house):
    first = house.add()

    assert house.add().answer == first.answer
    assert house.shown() == house.blobs() == [first.answer.body.decode()]


def test_a_pickup_has_so_many_photos(house):
    for number in range(PHOTOS_MAX):
        house.add(f"photo {number}")

    with pytest.raises(Conflict) as refused:
        house.add("one more")

    assert refused.value.code == "collection.too_many_photos"
    assert house.shown() == house.blobs()


def test_what_is_no_picture_leaves_nothing(house):
    with pytest.raises(Invalid):
        house.add(content=b"MZ...")

    assert house.blobs() == []


def test_others_add_nothing_and_staff_add_for_the_owner(house):
    with pytest.raises(NotFound):
        house.add(caller="resident-2")
    house.add(caller="city-1", is_staff=True)

    assert house.shown() == house.blobs() != []


def test_another_pickups_photo_is_not_found(house):
    house.add()
    house.book("p-2")

    with pytest.raises(NotFound):
        photographing.photo_of(house.pickups.get("p-2").state, house.shown()[0], desk=house.desk)


def test_a_blob_that_a_crash_left_is_deleted_when_it_is_old_enough(house):
    house.crash_at = "photo.put.after"
    with pytest.raises(Crash):
        house.add()
    early = photographing.check_photos(desk=house.desk)

    assert (early, house.check(), house.blobs()) == (0, 1, [])


def test_a_photo_is_looked_at_once(house):
    house.add()

    assert (house.check(), house.check()) == (1, 0)
    assert house.shown() == house.blobs() != []


def test_a_photo_that_came_behind_its_persons_erasure_is_deleted(house):
    house.add()
    gone = PhotoOf("late", "p-1", "nobody-any-more")
    house.photos.put(gone, PICTURE)
    added = house.pickups.get("p-1").state.photos[0].__class__("late", house.clock.now())
    house.pickups.change("p-1", lambda held: held.pictured(added))

    house.check()

    assert house.photos.get("late") is None
    assert "late" not in house.shown()
    assert len(house.shown()) == 1


def test_a_photo_of_a_pickup_that_is_gone_is_deleted(house):
    house.photos.put(PhotoOf("lost", "no-such-pickup", house.owner), PICTURE)

    house.check()

    assert house.photos.get("lost") is None
