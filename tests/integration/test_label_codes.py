"""A label is printed, photographed and read: zxing gets the tag back from the drawn QR code."""

import subprocess
from datetime import date

import pytest

from services.tracking.adapters.label_facts import label_of
from services.tracking.adapters.label_pdf import label_pdf
from services.tracking.domain.tags import grai_tag, own_tag
from tests.debian import tool
from tests.unit.tracking.builders import container

pytestmark = pytest.mark.integration

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def pdftoppm():
    return tool("usr/bin/pdftoppm", "poppler-utils")


@pytest.fixture(scope="module")
def zxing():
    return tool("usr/bin/ZXingReader", "zxing-cpp-tools")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.parametrize("dots_an_inch", ["100", "300"])
@pytest.mark.parametrize("volume_l", [20, 60, 1_000])
@pytest.mark.parametrize(
    "tag", [own_tag(12_345), grai_tag("061414112345", "400"), "GL-vehicle-01:lead.acid", "x" * 64]
)
def test_a_reader_gets_the_tag_back(pdftoppm, zxing, tmp_path, *, tag, volume_l, dots_an_inch):
    page = tmp_path / "label.pdf"
    page.write_bytes(label_pdf(label_of(container(tag, volume_l=volume_l), TODAY)))

    run(pdftoppm, "-png", "-singlefile", "-r", dots_an_inch, str(page), str(tmp_path / "label"))
    said = run(zxing, "-format", "QRCode", str(tmp_path / "label.png"))

    assert f'"{tag}"' in said.splitlines()[0]
