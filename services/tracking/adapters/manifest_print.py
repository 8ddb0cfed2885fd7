"""Manifest and dangerous-goods waybill as PDF, with a QR of number and chain head.

The QR reads `GLM1:<number>:<sha256>`: who has the paper can compare it with what `verify` says.
Names come from the registry of parties; a name that was deleted prints as the party's id. Chinese
is set in STSong-Light, a font that every PDF reader brings (a CID font: nothing is embedded).
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from xml.sax.saxutils import escape

import segno
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_reception import Reception
from services.tracking.domain.signatures import GENESIS
from shared.kernel.clock import SHANGHAI

FONT = "STSong-Light"
QR_SIDE = 32 * mm
GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
    ]
)
Row = Sequence[str]


def qr(text: str, side: float) -> Drawing:
    """Return a QR code of `side` points, module by module: it stays sharp at any size.

    The quiet zone of four modules, which readers need, is part of the side.
    """
    lines = tuple(segno.make(text, error="m", micro=False).matrix_iter(border=4))
    module = side / len(lines)
    drawing = Drawing(side, side)
    for row, line in enumerate(lines):
        for column, is_dark in enumerate(line):
            if is_dark:
                left, bottom = column * module, side - (row + 1) * module
                drawing.add(Rect(left, bottom, module, module, strokeWidth=0, strokeColor=None))
    return drawing


def qr_text(held: Consignment) -> str:
    """Return what the QR says."""
    head = held.signatures[-1].sha256 if held.signatures else GENESIS
    return f"GLM1:{held.number or 'draft'}:{head}"


def manifest_pdf(held: Consignment, names: Mapping[str, str]) -> bytes:
    """Return the manifest (危险废物转移联单)."""
    story = [
        *_head("危险废物转移联单", "Hazardous waste transfer manifest", held),
        _table(_parties(held, names)),
        Spacer(0, 4 * mm),
        _table(_containers(held)),
        Spacer(0, 4 * mm),
        _table(_carriers(held, names)),
        Spacer(0, 4 * mm),
        _table(_signatures(held, names)),
    ]
    for reception in held.receptions:
        story += [Spacer(0, 4 * mm), _table(_reception(reception, names))]
    return _pdf(story, f"manifest {held.number or 'draft'}")


def waybill_pdf(held: Consignment, names: Mapping[str, str]) -> bytes:
    """Return the waybill (危险货物道路运输运单): it is carried on the vehicle."""
    story = [
        *_head("危险货物道路运输运单", "Dangerous goods road waybill", held),
        _table(_parties(held, names)),
        Spacer(0, 4 * mm),
        _table(_goods(held)),
        Spacer(0, 4 * mm),
        _table(_carriers(held, names)),
    ]
    return _pdf(story, f"waybill {held.number or 'draft'}")


def _head(title: str, english: str, held: Consignment) -> list[Flowable]:
    lines = [
        Paragraph(escape(title), _style(16)),
        Paragraph(escape(english), _style(9)),
        Spacer(0, 3 * mm),
        Paragraph(f"编号 No. {escape(held.number or '草稿 draft')}", _style(12)),
        Paragraph(f"状态 state: {escape(held.state)}", _style(9)),
    ]
    if held.parent is not None:
        lines.append(Paragraph(f"原联单 parent No. {escape(held.parent.number)}", _style(9)))
    frame = Table([[lines, qr(qr_text(held), QR_SIDE)]], colWidths=[140 * mm, QR_SIDE])
    return [frame, Spacer(0, 4 * mm)]


def _parties(held: Consignment, names: Mapping[str, str]) -> list[Row]:
    manifest = held.manifest
    rows: list[Row] = [("单位 party", "名称 name", "区划 division", "地点 place")]
    named = (
        ("移出人 consignor", manifest.consignor, manifest.origin_place),
        ("接受人 receiver", manifest.receiver, manifest.destination_place),
        ("经纪人 broker", manifest.broker, ""),
        ("备选接受人 alternate", manifest.alternate, ""),
    )
    rows += [
        (label, names.get(party.party_id, party.party_id), party.division_code, place)
        for label, party, place in named
        if party is not None
    ]
    return rows


def _containers(held: Consignment) -> list[Row]:
    rows: list[Row] = [
        ("容器 container", "废物代码 code", "UN", "特性 traits", "形态 form", "包装", "净重 kg")
    ]
    rows += [
        (
            item.tag,
            part.waste_code or "-",
            part.un_number or "-",
            ",".join(part.traits) or "-",
            item.form,
            item.packaging,
            kilograms(part.mass_g),
        )
        for item in held.manifest.containers
        for part in item.parts
    ]
    total = kilograms(held.manifest.net_g)
    rows.append(("合计 total", "", "", "", "", held.manifest.treatment_code, total))
    return rows


def _goods(held: Consignment) -> list[Row]:
    rows: list[Row] = [("UN", "货物 goods", "包装 packaging", "件 container", "净重 kg")]
    rows += [
        (part.un_number or "-", part.material, item.packaging, item.tag, kilograms(part.mass_g))
        for item in held.manifest.containers
        for part in item.parts
    ]
    return rows


def _carriers(held: Consignment, names: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = [("承运人 carrier", "车辆 vehicle", "车次 trip", "计划 planned", "")]
    for place, carrier in enumerate(held.manifest.carriers):
        marks = ["已接 taken" if place < held.taken else ""]
        marks += ["临时 unplanned"] if carrier.unplanned else []
        planned = carrier.planned_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        name = names.get(carrier.carrier_id, carrier.carrier_id)
        rows.append((name, carrier.vehicle_id, carrier.trip_id, planned, " ".join(marks)))
    return rows


def _signatures(held: Consignment, names: Mapping[str, str]) -> list[Row]:
    rows: list[Row] = [("签名 signature", "单位 party", "时间 time", "地点 place", "sha256")]
    for each in held.signatures:
        signing = each.signing
        at = signing.signed_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        stage = each.stage.value if each.stands else f"{each.stage.value} (撤回 withdrawn)"
        name = names.get(signing.party_id, signing.party_id)
        rows.append((f"{each.ordinal} {stage}", name, at, signing.place_id, each.sha256[:16]))
    return rows


def _reception(reception: Reception, names: Mapping[str, str]) -> list[Row]:
    name = names.get(reception.receiver_id, reception.receiver_id)
    rows: list[Row] = [(f"接收 reception: {name}", "结论 verdict", "实重 kg", "原因 reason")]
    rows += [
        (
            each.tag,
            "接受 accepted" if each.accepted else "拒收 refused",
            kilograms(each.received_g),
            each.reason or "",
        )
        for each in reception.verdicts
    ]
    accepted, refused = kilograms(reception.accepted_g), kilograms(reception.refused_g)
    child = f"子联单 child {reception.child_number}" if reception.child_number else ""
    rows.append((f"接受 accepted {accepted}", f"拒收 refused {refused}", "", child))
    return rows


def kilograms(mass_g: int) -> str:
    """Return grams as kilograms with three places, without going through a float."""
    return f"{mass_g // 1000}.{mass_g % 1000:03d}"


def _table(rows: Iterable[Row]) -> Table:
    cells = [[Paragraph(escape(cell), _style(8)) for cell in row] for row in rows]
    width = 180 * mm / len(cells[0])
    return Table(cells, colWidths=[width] * len(cells[0]), style=GRID, repeatRows=1)


def _pdf(story: list[Flowable], title: str) -> bytes:
    out = io.BytesIO()
    margin = 15 * mm
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=title,
        author="Greenloop",
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        invariant=1,
    )
    document.build(story)
    return out.getvalue()


@cache
def _style(size: int) -> ParagraphStyle:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    return ParagraphStyle(
        f"song-{size}", fontName=FONT, fontSize=size, leading=size * 1.3, wordWrap="CJK"
    )
