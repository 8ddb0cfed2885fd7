"""Who takes part in the consignments of the tests: parties, their divisions and licences."""

from datetime import date
from itertools import product

from services.tracking.domain.consignment_permits import Activity, Licence, PlanLine
from services.tracking.domain.manifest import Party
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day

CODE = "900-052-31"
DIVISIONS = {
    "outlet": "350102001001",
    "other-outlet": "350104001001",
    "carrier-1": "350102001001",
    "carrier-2": "350203002001",
    "carrier-3": "350203002001",
    "smelter": "350203002002",
    "spare-smelter": "350203003003",
    "far-smelter": "440304001001",
    "broker": "350102001001",
}
ACTIVITIES = {
    "outlet": "collect",
    "other-outlet": "collect",
    "smelter": "treat",
    "spare-smelter": "treat",
    "far-smelter": "treat",
    "broker": "broker",
    "carrier-1": "transport",
    "carrier-2": "transport",
    "carrier-3": "transport",
}
OPERATED = {"outlet-yard": "outlet", "smelter-gate": "smelter"}
MASSES_G = {"box-1": 10_000, "box-2": 7_000, "box-3": 5_001}


class City:
    """Fills the registry; the house has `consigning`, `desk` and `post`."""

    def operate(self, path, body, *, status=200):
        answer = self.post(path, body, by="operator-1", role="operator")
        assert answer.status_code == status, answer.text
        return answer.json()

    def registry(self, *, annual_g=10_000_000, planned_g=50_000_000, codes=(CODE,)):
        """Parties with permits for some codes, of this legal year: written as they are kept."""
        year = legal_day(self.desk.clock.now()).year
        kept = self.consigning.parties
        for party_id, division in DIVISIONS.items():
            kept.parties.create(party_id, Decision(Party(party_id, division)))
            kept.name(party_id, f"公司 {party_id}")
        for place_id, party_id in OPERATED.items():
            self.operate(f"/places/{place_id}/operating-party", {"party_id": party_id})
        for party_id, activity in ACTIVITIES.items():
            held = Licence(
                licence_id=f"licence-{party_id}",
                party_id=party_id,
                activity=Activity(activity),
                codes=codes,
                annual_g=annual_g if party_id == "smelter" else None,
                valid_from=date(year, 1, 1),
                valid_to=date(year + 1, 12, 31),
            )
            kept.licences.create(held.licence_id, Decision(held))
        for consignor_id, code in product(("outlet", "other-outlet"), codes):
            named = f"plan-{consignor_id}" + ("" if code == CODE else f"-{code}")
            line = PlanLine(named, consignor_id, year, code, planned_g)
            kept.plan_lines.create(line.plan_line_id, Decision(line))
        return self

    def licence(self, party_id, **changed):
        year = legal_day(self.desk.clock.now()).year
        body = {
            "licence_id": f"licence-{party_id}",
            "party_id": party_id,
            "activity": ACTIVITIES[party_id],
            "codes": [CODE],
            "valid_from": f"{year}-01-01",
            "valid_to": f"{year + 1}-12-31",
            **changed,
        }
        return self.operate("/licences", body)
