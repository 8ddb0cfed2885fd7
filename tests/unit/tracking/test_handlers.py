"""Registering containers, under the codes of their day."""

from datetime import UTC, date, datetime

import pytest

from services.tracking.adapters.codes import TableCodes
from services.tracking.application.container_desk import RegisterContainer, register_container
from shared.contracts.container import ContainerRegistered
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Conflict, Invalid
from shared.reference.materials import materials
from tests.unit.tracking.builders import BY, LEAD, LITHIUM, published, request
from tests.unit.tracking.yard import Yard, desk_of

TODAY = date(2026, 11, 24)
# Past midnight in Shanghai, still the day before in UTC.
MIDNIGHT = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)


class FakeCodes:
    """A table whose code changes on the legal day 2026-11-24."""

    def of(self, _material, on):
        return ("900-052-31", "UN2794") if on >= date(2026, 11, 24) else ("old-code", "UN2800")


class Registrar:
    def __init__(self, codes=None):
        self.yard = Yard()
        self.containers = self.yard.containers
        self.desk = desk_of(self.yard, ManualClock(MIDNIGHT), codes=codes)

    def register(self, scope="a", *, tag="GL-1", material=LEAD, limit_g=60_000, **rest):
        cmd = RegisterContainer(tag, "box-60l", material, tare_g=4_000, limit_g=limit_g, **rest)
        return register_container(cmd, by=BY, desk=self.desk, request=request(scope))


def test_a_container_carries_the_codes_of_its_material():
    registrar = Registrar()

    registered = registrar.register().state

    assert (registered.waste_code, registered.un_number) == ("900-052-31", "UN2794")
    (event,) = published(registrar.containers.announced)
    assert isinstance(event, ContainerRegistered)
    assert (event.container_id, event.waste_code) == ("GL-1", "900-052-31")


def test_lithium_is_dangerous_goods_without_a_waste_code():
    registered = Registrar().register(material=LITHIUM).state

    assert (registered.waste_code, registered.un_number) == (None, "UN3480")


def test_codes_are_those_of_the_legal_day_in_shanghai():
    registered = Registrar(FakeCodes()).register().state

    assert registered.waste_code == "900-052-31"


@pytest.mark.parametrize(
    ("material", "code"),
    [("cardboard", "tracking.not_hazardous"), ("kryptonite", "materials.unknown")],
)
def test_refuses_a_container_for_what_needs_none(material, code):
    with pytest.raises(Invalid) as refused:
        Registrar().register(material=material)

    assert refused.value.code == code


@pytest.mark.parametrize("limit_g", [0, 30_000_001])
def test_refuses_an_impossible_limit(limit_g):
    with pytest.raises(Invalid):
        Registrar().register(limit_g=limit_g)


def test_a_repeated_registration_is_the_first_one():
    registrar = Registrar()
    first = registrar.register()

    again = registrar.register()

    assert again.answer == first.answer
    assert len(registrar.containers.announced) == 1


def test_refuses_a_tag_that_is_used():
    registrar = Registrar()
    registrar.register("a")

    with pytest.raises(Conflict) as refused:
        registrar.register("b")

    assert refused.value.code == "container.exists"


def test_every_hazardous_material_and_no_other_has_codes():
    for code, held in materials().items():
        if held.hazardous:
            assert any(TableCodes().of(code, TODAY))
        else:
            with pytest.raises(Invalid):
                TableCodes().of(code, TODAY)


def test_no_code_holds_before_its_first_day():
    with pytest.raises(Invalid) as refused:
        TableCodes().of(LEAD, date(2020, 12, 31))

    assert refused.value.code == "tracking.not_hazardous"
