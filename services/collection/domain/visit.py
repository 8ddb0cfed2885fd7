"""One visitor of a drive, and what the scale said: a document of its own, keyed (drive, ticket).

Facts are kept; what breaks a rule is flagged or reviewed. Two persons correct, as at the door.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.collection.domain import drive_events as events
from services.collection.domain.permits import inherited
from services.collection.domain.records import (
    DISPUTES_MAX,
    Dispute,
    Proposal,
    Review,
    with_resolved,
    with_review,
)
from services.collection.domain.site import Site
from services.collection.domain.weighing import Weighing, check_possible, rule_flags
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Forbidden, NotFound, Stale

HOUSEHOLD, ORGANISATION = "household", "organisation"
DISPUTED = "visit.disputed"
# What a household is told of (visit_notices.py).
WEIGHED, UPHELD, CORRECTED = "weighed", "upheld", "corrected"
DISPUTED_WITHIN = timedelta(hours=24)
RIVALS_MAX = 5
CORRECTIONS_MAX = 10
# What was said of the visit and its scale holds for every revision.
LASTING = ("visit.", "weighing.scale_")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who came, as far as it was recognised: opaque ids, or nobody in particular.

    `producer` is household or organisation, as was said.
    """

    household_id: str | None = None
    organisation_id: str | None = None
    producer: str = HOUSEHOLD

    @property
    def is_anonymous(self) -> bool:
        """Say whether nobody was recognised."""
        return self.household_id is None and self.organisation_id is None


@dataclass(frozen=True, slots=True)
class Submission:
    """What one device told about a ticket."""

    device_id: str
    visitor: Visitor
    weighing: Weighing

    def is_same(self, other: "Submission") -> bool:
        """Say whether another one tells the same weighing, from the same device."""
        return self.device_id == other.device_id and self.weighing.is_same(other.weighing)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit. `is_uncounted` until its present revision is in the drive's totals.

    `first` is what the device told, `weighing` what holds now; `superseded` are the weighings
    that corrections replaced, `rivals` what other devices told about the same ticket. `untold` are
    marks of what its household is to be told of, until notices were made.
    """

    visit_id: str
    drive_id: str
    ticket: int
    site: Site
    window_end: datetime
    first: Submission
    weighing: Weighing
    producer: str
    is_uncounted: bool = True
    superseded: tuple[Weighing, ...] = ()
    rivals: tuple[Submission, ...] = ()
    reviews: tuple[Review, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    proposal: Proposal | None = None
    untold: tuple[str, ...] = ()

    @property
    def household_id(self) -> str | None:
        """The household, where one was recognised."""
        return self.first.visitor.household_id

    @property
    def is_anonymous(self) -> bool:
        """Say whether nobody was recognised."""
        return self.first.visitor.is_anonymous

    def tell_again(self, told: Submission, *, now: datetime) -> Decision["Visit"]:
        """Take another submission of the ticket: the same is nothing, another is kept.

        `Conflict` (visit.too_many_rivals) where too many wait for a review.
        """
        if not self.is_rival(told) or any(each.is_same(told) for each in self.rivals):
            return Decision(self)
        if len(self.rivals) >= RIVALS_MAX:
            raise Conflict("visit.too_many_rivals", "too many others wait for a review")
        check_possible(told.weighing.gross_g, told.weighing.tare_g, lots=told.weighing.lots)
        kept = replace(self, rivals=(*self.rivals, told))
        return Decision(kept._to_review("visit.second", at=now))

    def is_rival(self, told: Submission) -> bool:
        """Say whether a submission tells something else than the one that was recorded."""
        return not self.first.is_same(told)

    def dispute(self, reason: str, *, now: datetime) -> Decision["Visit"]:
        """Take a household's objection to the present revision, within 24 h of its recording."""
        recorded = self.weighing.recorded_at
        if recorded is None or now >= recorded + DISPUTED_WITHIN:
            raise Conflict("visit.too_late", "a visit is disputed within 24 hours")
        if len(self.disputes) >= DISPUTES_MAX:
            raise Conflict("visit.too_often", f"a visit has up to {DISPUTES_MAX} disputes")
        dispute = Dispute(reason, self.weighing.revision, now)
        disputed = replace(self, disputes=(*self.disputes, dispute))
        return Decision(disputed._to_review(DISPUTED, at=now))

    def resolve(self, code: str, *, resolution: str, now: datetime) -> Decision["Visit"]:
        """Close an open review that a person looked at; `NotFound` (review.not_found).

        A dispute is upheld so: what was proposed because of it is not wanted any more.
        """
        if not any(each.code == code and each.resolved_at is None for each in self.reviews):
            raise NotFound("review.not_found", "there is no such open review")
        reviews = with_resolved(self.reviews, code, resolution=resolution, now=now)
        looked_at = replace(self, reviews=reviews)
        if code != DISPUTED:
            return Decision(looked_at)
        return Decision(replace(looked_at, proposal=None).telling(UPHELD, len(self.disputes)))

    def propose(self, proposal: Proposal) -> Decision["Visit"]:
        """Keep a correction until a second person approves it; a later one replaces it.

        `Stale` (visit.superseded), `Invalid` as a weigh-in.
        """
        self._expect(proposal.supersedes)
        check_possible(self.weighing.gross_g, self.weighing.tare_g, lots=proposal.lots)
        return Decision(replace(self, proposal=proposal))

    def approve(
        self,
        *,
        supersedes: int,
        approver: str,
        now: datetime,
        proposed_at: datetime | None = None,
    ) -> Decision["Visit"]:
        """Make a proposed correction true. Its author's own approval is `Forbidden`.

        `Stale` (visit.superseded) where another proposal came after that of `proposed_at`.
        """
        proposal = self.proposal
        if proposal is None or proposal.supersedes != supersedes:
            raise NotFound("correction.not_found", "there is no such proposal")
        if proposed_at not in (None, proposal.proposed_at):
            raise Stale("visit.superseded", "another proposal came after the one that was seen")
        if proposal.author == approver:
            raise Forbidden("visit.own_correction", "a second person approves a correction")
        self._expect(supersedes)
        if len(self.superseded) >= CORRECTIONS_MAX:
            raise Conflict("visit.too_often", f"a visit is corrected {CORRECTIONS_MAX} times")
        corrected = self._corrected(proposal, now=now)
        corrected = corrected.telling(CORRECTED, corrected.weighing.revision)
        event = events.VisitCorrected(corrected, self.weighing.lots, now, proposal.reason)
        return Decision(corrected, (event,))

    def telling(self, what: str, number: int) -> "Visit":
        """Return the visit with one more thing to tell its household, where one is known."""
        if self.household_id is None:
            return self
        return replace(self, untold=(*self.untold, f"{what}:{number}"))

    def _corrected(self, proposal: Proposal, *, now: datetime) -> "Visit":
        before = self.weighing
        changed = replace(
            before,
            revision=before.revision + 1,
            lots=inherited(proposal.lots, before.lots),
            flags=(),
            recorded_at=now,
        )
        flags = rule_flags(changed, window_end=self.window_end, now=now)
        lasting = tuple(flag for flag in before.flags if flag.startswith(LASTING))
        reviews = with_resolved(self.reviews, DISPUTED, resolution=proposal.reason, now=now)
        return replace(
            self,
            weighing=replace(changed, flags=(*lasting, *flags)),
            superseded=(*self.superseded, before),
            reviews=reviews,
            proposal=None,
            is_uncounted=True,
        )

    def _expect(self, supersedes: int) -> None:
        if supersedes != self.weighing.revision:
            raise Stale("visit.superseded", "another correction came first")

    def _to_review(self, code: str, *, at: datetime) -> "Visit":
        return replace(self, reviews=with_review(self.reviews, code, at=at))
