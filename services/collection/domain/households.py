"""Households and who belongs to them. Persons are opaque ids here: their data is in people.py."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, NotFound

OWNER, MEMBER = "owner", "member"
ROLES = (OWNER, MEMBER)
MEMBERS_MAX = 20
INVITES_MAX = 10
INVITE_VALID_FOR = timedelta(days=7)
# Longer than an Idempotency-Key is kept: until then a repeat must find what it was answered.
INVITE_KEPT_FOR = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the household."""

    person_id: str
    role: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Invite:
    """A code that lets one person join; only its hash is kept."""

    code_sha256: str
    role: str
    expires_at: datetime
    used_by: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Say whether somebody may still join by it."""
        return self.used_by is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Household:
    """A household at a door in a community. A closed one has no members and books no more."""

    household_id: str
    community_code: str
    cell: str
    members: tuple[Member, ...] = ()
    invites: tuple[Invite, ...] = ()
    closed_at: datetime | None = None

    def member(self, person_id: str | None) -> Member | None:
        """Return the member that a person is, or None."""
        return next((each for each in self.members if each.person_id == person_id), None)

    def by_standing(self) -> tuple[Member, ...]:
        """Return the members, owners first, then by when they joined."""
        return tuple(sorted(self.members, key=lambda m: (m.role != OWNER, m.joined_at)))

    def invite(self, invite: Invite, *, now: datetime) -> Decision["Household"]:
        """Add a code; `Conflict` (household.too_many_invites, household.closed)."""
        self._check_open()
        kept = tuple(each for each in self.invites if now < each.expires_at + INVITE_KEPT_FOR)
        if sum(each.is_open(now) for each in kept) >= INVITES_MAX:
            raise Conflict("household.too_many_invites", f"{INVITES_MAX} invites are open")
        return Decision(replace(self, invites=(*kept, invite)))

    def join(self, code_sha256: str, person_id: str, *, now: datetime) -> Decision["Household"]:
        """Let a person in by an open code; `NotFound` (invite.not_found), `Conflict`."""
        self._check_open()
        found = next((each for each in self.invites if each.code_sha256 == code_sha256), None)
        if found is None or not found.is_open(now):
            raise NotFound("invite.not_found", "there is no such open invite")
        if self.member(person_id) is not None:
            return Decision(self)
        if len(self.members) >= MEMBERS_MAX:
            raise Conflict("household.too_many_members", f"a household has {MEMBERS_MAX} members")
        used = replace(found, used_by=person_id)
        invites = tuple(used if each is found else each for each in self.invites)
        members = (*self.members, Member(person_id, found.role, now))
        return Decision(replace(self, invites=invites, members=members))

    def give_role(self, person_id: str, role: str) -> Decision["Household"]:
        """Make a member an owner, or an owner a member; one owner stays."""
        held = self._expect(person_id)
        changed = replace(held, role=role)
        members = tuple(changed if each is held else each for each in self.members)
        return Decision(replace(self, members=_with_owner(members)))

    def remove(self, person_id: str) -> Decision["Household"]:
        """Let a member go; `Conflict` where no owner would be left, `NotFound` for others."""
        held = self._expect(person_id)
        members = tuple(each for each in self.members if each is not held)
        return Decision(replace(self, members=_with_owner(members)))

    def erase(self, person_ids: Collection[str], *, now: datetime) -> Decision["Household"]:
        """Let erased persons go, and the answers that were stored for them; may be repeated.

        The longest-standing of the others becomes owner where none is left. With its last member
        the household closes; the member stays until all that follows from this is done.
        """
        members = tuple(m for m in self.by_standing() if m.person_id not in person_ids)
        if self.closed_at is not None or len(members) == len(self.members):
            return Decision(self)
        if not members:
            return Decision(replace(self, invites=(), closed_at=now), forgets=True)
        if members[0].role != OWNER:
            members = (replace(members[0], role=OWNER), *members[1:])
        return Decision(replace(self, members=members), forgets=True)

    def emptied(self) -> Decision["Household"]:
        """Let the last members of a closed household go."""
        return Decision(replace(self, members=()))

    def _expect(self, person_id: str) -> Member:
        held = self.member(person_id)
        if held is None:
            raise NotFound("member.not_found", "there is no such member")
        return held

    def _check_open(self) -> None:
        if self.closed_at is not None:
            raise Conflict("household.closed", "this household is closed")


def _with_owner(members: tuple[Member, ...]) -> tuple[Member, ...]:
    if not any(each.role == OWNER for each in members):
        raise Conflict("household.last_owner", "make another member an owner before")
    return members
