"""A day's acts are done by several at a time, and an error ends it soon."""

import os
import random
import signal
import threading
from datetime import date

import pytest

from tools.simulator.calibration import Noise
from tools.simulator.city import make_city
from tools.simulator.interrupts import check, deferred
from tools.simulator.sites import Map, Site
from tools.simulator.stage import Stage
from tools.simulator.tally import Tally


class Quiet:
    def begin(self, phase, total):
        pass

    def step(self, by=1):
        pass


def city(*places, seed=1, pickups=3):
    sites = tuple(Site(f"s{number}", *place, "990000000001") for number, place in enumerate(places))
    given = Map(sites) if sites else None
    return make_city(
        pickups=pickups, seed=seed, service_day=date(2026, 11, 26), given=given, noise=Noise()
    )


def stage():
    return Stage(city(), None, Noise(), Tally(), Quiet(), lambda _: None, seed=1)


def test_after_an_error_nothing_more_is_begun():
    begun, slow = [], threading.Event()

    def act(number):
        begun.append(number)
        if number == 0:
            raise ValueError(number)
        slow.wait(0.3)

    with pytest.raises(ValueError, match="0"):
        stage().each("acts", range(400), act)

    assert len(begun) < 200


def test_a_city_on_both_sides_of_the_antimeridian_has_its_depot_between():
    depot = city((-17.0, 179.9), (-17.0, -179.8), (-17.0, 179.9)).depots[0]

    assert abs(depot.longitude) > 179.8


def test_a_city_at_the_pole_has_its_places_on_the_globe():
    made = city((89.99, 20.0), (89.99, -160.0))

    assert all(abs(each.latitude) <= 90 for each in (*made.depots, *made.facilities))


@pytest.mark.parametrize("seed", [-1, 0, 10**40, -(10**40), random.Random(3).getrandbits(64)])
def test_any_seed_makes_ids_of_64_characters_at_the_most(seed):
    made = city(seed=seed)

    assert len(made.vehicles[0].collector_id) <= 40
    assert made.run == city(seed=seed).run


def test_an_interrupt_ends_the_acts_that_ask_next_and_no_other_way():
    asked = []

    def act(number):
        check()
        asked.append(number)
        if number == 0:
            os.kill(os.getpid(), signal.SIGTERM)

    with deferred(), pytest.raises(KeyboardInterrupt):
        stage().each("acts", range(2_000), act)

    assert 0 < len(asked) < 2_000
    check()
