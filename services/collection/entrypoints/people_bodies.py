"""What collection's API takes about persons and households."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.collection.domain.people import Contact
from shared.contracts.topic import CommunityCode, OpaqueId
from shared.http.body import Body

# Words of persons: any script, no control characters, which end in headers and logs of others.
_PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_PLAIN)
]
# ITU-T E.164: a plus, a country, 15 digits at the most.
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
# The form that HTML's e-mail field takes, with a dot in the domain.
Email = Annotated[
    str,
    StringConstraints(
        max_length=254,
        pattern=(
            r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
            r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$"
        ),
    ),
]
Language = Literal["zh-CN", "zh-TW", "en"]
Role = Literal["owner", "member"]
Code = Annotated[str, StringConstraints(pattern="^[A-Z2-7]{32}$")]


class PersonBody(Body):
    """How a person is called and reached: all of it, as it is to be from now on."""

    name: Words | None = None
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None

    def to_contact(self) -> Contact:
        """Return what was given."""
        return Contact(self.name, self.phone, self.email, self.language)


class HomeBody(Body):
    """A household's door, for the collector who comes to it."""

    address: Words | None = None
    access: Words | None = None


class HouseholdBody(HomeBody):
    """A household at a point (WGS84 degrees). The rest is optional, and about persons."""

    community_code: CommunityCode
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: Words | None = None
    phone: Phone | None = None
    email: Email | None = None
    language: Language | None = None

    def to_contact(self) -> Contact:
        """Return what was given of the person."""
        return Contact(self.name, self.phone, self.email, self.language)


class InviteBody(Body):
    """What whoever joins will be."""

    role: Role = "member"


class MembershipBody(Body):
    """The code of an invite."""

    code: Code


class RoleBody(Body):
    """What a member is to be."""

    role: Role


class RemovalBody(Body):
    """The member goes."""


class ErasureBody(Body):
    """Yes, erase."""


class CardBody(Body):
    """For which of the caller's households."""

    household_id: OpaqueId


class CardScanBody(Body):
    """What a QR code said."""

    token: Code
