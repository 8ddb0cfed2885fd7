"""Who takes part in the consignments of the tests: parties, their divisions and licences."""

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
MASSES_G = {"box-1": 10_000, "box-2": 7_000, "box-3": 5_001}


class City:
    """Fills the registry through the operator's API; the house has `desk` and `post`."""

    def operate(self, path, body, *, status=200):
        answer = self.post(path, body, by="operator-1", role="operator")
        assert answer.status_code == status, answer.text
        return answer.json()

    def registry(self, *, annual_g=10_000_000, planned_g=50_000_000):
        """Parties with permits for lead batteries, of this legal year."""
        year = legal_day(self.desk.clock.now()).year
        for party_id, division in DIVISIONS.items():
            body = {"party_id": party_id, "division_code": division, "name": f"公司 {party_id}"}
            self.operate("/parties", body)
        for party_id in ACTIVITIES:
            self.licence(party_id, annual_g=annual_g if party_id == "smelter" else None)
        for consignor_id in ("outlet", "other-outlet"):
            plan = {
                "plan_line_id": f"plan-{consignor_id}",
                "consignor_id": consignor_id,
                "year": year,
                "waste_code": CODE,
                "planned_g": planned_g,
            }
            self.operate("/plan-lines", plan)
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
