"""Drawing a label as PDF: orange, black, square, with a QR code that any reader takes.

The Chinese font is one of those that every PDF reader knows by name: no font file is needed.
"""

from io import BytesIO

import segno
from reportlab.lib.colors import Color, black, white
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from services.tracking.domain.label import Label

FONT = "STSong-Light"
ORANGE = Color(1.0, 150 / 255, 0)  # HJ 1276-2022, 5.2, as remembered: RGB 255, 150, 0
MARGIN = 0.05  # of the side
QR_SHARE = 0.34
QUIET_MODULES = 4  # ISO/IEC 18004
LETTER_SHARE_MIN = 0.4


def label_pdf(label: Label) -> bytes:
    """Return the label as a PDF of one page of its own size; the same label is the same bytes."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    side = label.side_mm * mm
    into = BytesIO()
    canvas = Canvas(into, pagesize=(side, side), invariant=1)
    canvas.setTitle(label.tag)
    canvas.setFillColor(ORANGE)
    canvas.rect(0, 0, side, side, stroke=0, fill=1)
    canvas.setFillColor(black)
    canvas.setStrokeColor(black)
    inset = side * MARGIN / 2
    canvas.rect(inset, inset, side - 2 * inset, side - 2 * inset, stroke=1, fill=0)
    _write(canvas, label, side)
    _draw_qr(canvas, label.tag, side)
    canvas.showPage()
    canvas.save()
    return into.getvalue()


def _write(canvas: Canvas, label: Label, side: float) -> None:
    left, top = side * MARGIN, side * (1 - MARGIN)
    heading = side * 0.09
    canvas.setFont(FONT, heading)
    canvas.drawCentredString(side / 2, top - heading, label.heading)
    size = side * 0.042
    step = (top - heading * 1.4 - side * (MARGIN + QR_SHARE)) / 5
    for number, line in enumerate(label.lines):
        # The lines beside the QR code are shorter than those above it.
        beside = number > 4
        width = side * (1 - 2 * MARGIN) - (side * QR_SHARE if beside else 0)
        text = f"{line.title}: {line.text}"
        canvas.setFont(FONT, _fitting(text, size, width))
        canvas.drawString(left, top - heading * 1.4 - step * (number + 0.7), text)


def _fitting(text: str, size: float, width: float) -> float:
    wide = pdfmetrics.stringWidth(text, FONT, size)
    return size if wide <= width else max(size * LETTER_SHARE_MIN, size * width / wide)


def _draw_qr(canvas: Canvas, text: str, side: float) -> None:
    code = segno.make_qr(text, error="q")
    rows = [list(row) for row in code.matrix]
    modules = len(rows) + 2 * QUIET_MODULES
    box = side * QR_SHARE
    module = box / modules
    left, bottom = side * (1 - MARGIN) - box, side * MARGIN
    canvas.setFillColor(white)
    canvas.rect(left, bottom, box, box, stroke=0, fill=1)
    canvas.setFillColor(black)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                at_x = left + (x + QUIET_MODULES) * module
                at_y = bottom + box - (y + QUIET_MODULES + 1) * module
                canvas.rect(at_x, at_y, module, module, stroke=0, fill=1)
