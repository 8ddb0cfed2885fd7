"""QR codes by segno."""

from io import BytesIO

import segno

SCALE = 8


def qr_svg(text: str) -> bytes:
    """Return a QR code (error correction M: a scratched screen is still read) as SVG."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", scale=SCALE)
    return drawn.getvalue()
