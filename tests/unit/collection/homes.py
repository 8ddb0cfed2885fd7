"""A household whose owner has said all that there is to say, and how it is erased."""

from services.collection.application import cards, erasing, members, residents
from services.collection.application.erasing import ErasePerson
from services.collection.application.members import Acting
from services.collection.application.people_ports import PhotoOf
from services.collection.domain.people import Contact, Home
from tests.unit.collection.builders import AFTERNOON, House, plain_request, weigh_in

SECRETS = ("Chen", "13800000000", "chen@", "Gulou", "code 7788", "piano", "resident-1")


class Homes(House):
    """The household "home" of resident-1, who has said all that there is to say."""

    def __init__(self):
        super().__init__(capacity=10)
        contact = Contact("Chen Wei", "+8613800000000", "chen@example.org", "zh-CN")
        residents.introduce(
            "resident-1", contact, desk=self.desk, request=plain_request("introduce")
        )
        home = Home("home", "Gulou 12-3", "code 7788")
        residents.settle("resident-1", home, desk=self.desk, request=plain_request("settle"))
        self.person_id = self.people.of("resident-1").id
        self.token = cards.issue_card(
            "home", "resident-1", desk=self.desk, request=plain_request("card")
        )[1]
        self.book("p-1", note="beware of the piano")
        self.book("p-2", AFTERNOON)
        self.book("p-3")
        self.weigh(weigh_in(), "p-3")
        self.photos.put(PhotoOf("photo-1", "p-1", self.person_id), b"picture: p-1")

    def guest(self, caller="resident-2", role="member"):
        invited = plain_request(f"invite {caller}")
        acting = Acting("home", "resident-1", False)
        _, code = members.invite(acting, role, desk=self.desk, request=invited)
        members.join(code, caller, desk=self.desk, request=plain_request(f"join {caller}"))
        return self.people.of(caller).id

    def erase(self, caller="resident-1", *, scope="erase", person_id=None):
        cmd = ErasePerson(caller, person_id)
        return erasing.erase_person(cmd, desk=self.desk, request=plain_request(scope))

    def finish(self):
        return erasing.finish_erasures(desk=self.desk)

    def erase_to_the_end(self):
        self.erase()
        self.finish()

    def states(self):
        return {pickup.pickup_id: pickup.state for pickup in self.search.all()}

    def everything(self):
        """All documents, all events."""
        stores = (self.people, self.households, self.pickups, self.rules, self.scales)
        held = [str(store._documents) for store in stores]
        return "".join([*held, str(self.photos._held), str(self.pickups.announced)])

    def leaked(self):
        return [secret for secret in SECRETS if secret in self.everything()]
