"""Weighed lots become the contract's lots, whatever topic tells of them."""

from collections.abc import Iterable

from services.collection.domain.weighing import WeighedLot
from shared.contracts.lots import Lot


def contract_lots(lots: Iterable[WeighedLot]) -> tuple[Lot, ...]:
    """Return the lots as the topics carry them."""
    return tuple(
        Lot(
            lot_id=lot.lot_id,
            material=lot.material,
            grade=lot.grade,
            mass_g=lot.mass_g,
            contamination_bp=lot.contamination_bp,
            hazardous=lot.hazardous,
            container_tag=lot.container_tag,
            pieces=lot.pieces,
            condition=lot.condition,
            nominal=lot.nominal,
            permit_id=lot.permit_id,
            permit_fault=lot.permit_fault,
        )
        for lot in lots
    )
