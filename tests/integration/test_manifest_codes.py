"""A manifest is printed and read: zxing gets number and chain head from its QR code."""

import pytest

from services.tracking.adapters.manifest_print import manifest_pdf, waybill_pdf
from tests.debian import tool
from tests.integration.test_label_codes import run
from tests.unit.tracking.consignments import NUMBER, Walk

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("printed", [manifest_pdf, waybill_pdf])
def test_a_reader_gets_number_and_chain_head_back(tmp_path, printed):
    held = Walk().arrived().receive("box-2").held
    page = tmp_path / "manifest.pdf"
    page.write_bytes(printed(held, {"outlet": "电池收集点 & Co. <1>"}))

    pdftoppm = tool("usr/bin/pdftoppm", "poppler-utils")
    run(pdftoppm, "-png", "-singlefile", "-r", "150", str(page), str(tmp_path / "page"))
    zxing = tool("usr/bin/ZXingReader", "zxing-cpp-tools")
    said = run(zxing, "-format", "QRCode", str(tmp_path / "page.png"))

    assert f'"GLM1:{NUMBER}:{held.signatures[-1].sha256}"' in said
