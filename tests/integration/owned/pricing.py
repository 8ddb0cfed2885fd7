"""Companies reach the deposits of the party that they are."""

from services.pricing.domain.deposit import Deposit, deposit_id
from shared.kernel.aggregate import Decision
from tests.integration.owned import Asking, Case


def deposits(api):
    held = Deposit("company-1", "crate-60l", pieces=2, held_fen=6_000)
    api.wiring.crate_deposits.create(deposit_id("company-1", "crate-60l"), Decision(held))
    path = "/v1/deposits/company-1"
    return Asking(path, {"subject": "company-1"}), Asking(path, {"subject": "company-2"})


CASES = [
    Case(
        "GET /v1/deposits/{party_id}",
        "company",
        deposits,
        reaches=lambda r: r.is_success and bool(r.json()["items"]),
    ),
]
