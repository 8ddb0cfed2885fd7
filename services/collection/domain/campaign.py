"""Campaigns: drives of a school term, say, with goals, and a public board of who collects how much.

The board is k-anonymous, also by differencing. A group (a site) is shown from k distinct households
on. Its sum grows by whole drives, and only when those that are new to it have k distinct households
among them: the difference of two boards is never the doing of fewer. No sum over groups is told, so
that nothing shown can be taken away from it. Progress towards a goal is told in tenths. It counts a
material's part of a group's growth where k households brought it, and what is left of the growth is
k households' too, or nothing: who takes all progress away from a sum learns of nobody either.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shared.kernel.aggregate import Decision
from shared.kernel.errors import Invalid

K_MIN = 5
K_MAX = 1_000
GOALS_MAX = 40
DRIVES_MAX = 2_000
TENTHS = 10
GOAL_G_MAX = 10**12


@dataclass(frozen=True, slots=True)
class Goal:
    """So many grams of a material are to be collected."""

    material: str
    mass_g: int


@dataclass(frozen=True, slots=True)
class DriveFact:
    """What a drive that has ended brought; `households` are the recognised ones, by material."""

    drive_id: str
    site_id: str
    revision: int
    mass_g: Mapping[str, int]
    households: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class MaterialPart:
    """A material's grams in a published drive; `counted_g` of them are in the goal's progress."""

    material: str
    mass_g: int
    counted_g: int = 0


@dataclass(frozen=True, slots=True)
class PublishedDrive:
    """A drive as it is in a group's sum."""

    drive_id: str
    revision: int
    parts: tuple[MaterialPart, ...]

    def part(self, material: str) -> MaterialPart:
        """Return what is published of a material; nothing, where it was not there."""
        found = (each for each in self.parts if each.material == material)
        return next(found, MaterialPart(material, 0))


# A drive as it is now, and as it is in its group's sum.
Growth = tuple[DriveFact, PublishedDrive]


@dataclass(frozen=True, slots=True)
class Group:
    """A site on the board: the drives whose sum is shown."""

    site_id: str
    drives: tuple[PublishedDrive, ...]

    @property
    def mass_g(self) -> int:
        """The sum that is shown."""
        return sum(part.mass_g for drive in self.drives for part in drive.parts)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign in [first_day, last_day]. `k` distinct households make a group."""

    campaign_id: str
    title: str
    first_day: date
    last_day: date
    goals: tuple[Goal, ...]
    k: int = K_MIN
    groups: tuple[Group, ...] = ()

    def known(self) -> dict[str, int]:
        """Return the revisions of the drives that are on the board."""
        return {drive.drive_id: drive.revision for group in self.groups for drive in group.drives}

    def publish(self, facts: Iterable[DriveFact]) -> Decision["Campaign"] | None:
        """Take drives that are not on the board, or have changed; None where nothing is shown anew.

        Drives that are too few households' stay away until others of their site come.
        """
        by_site: dict[str, list[DriveFact]] = {}
        for fact in facts:
            by_site.setdefault(fact.site_id, []).append(fact)
        held = {group.site_id: group for group in self.groups}
        grown = {site_id: self._grown(held.get(site_id), new) for site_id, new in by_site.items()}
        changed = {site_id: group for site_id, group in grown.items() if group is not None}
        if not changed:
            return None
        groups = {**held, **changed}
        return Decision(replace(self, groups=tuple(groups[name] for name in sorted(groups))))

    def ranking(self) -> list[Group]:
        """Return the groups, the one with most grams first."""
        return sorted(self.groups, key=lambda group: (-group.mass_g, group.site_id))

    def tenths(self, goal: Goal) -> int:
        """Return how many tenths of a goal are reached at least, 10 at the most."""
        parts = (part for group in self.groups for drive in group.drives for part in drive.parts)
        counted_g = sum(each.counted_g for each in parts if each.material == goal.material)
        return max(0, min(TENTHS, counted_g * TENTHS // goal.mass_g))

    def _grown(self, group: Group | None, pending: list[DriveFact]) -> Group | None:
        held = {drive.drive_id: drive for drive in group.drives} if group else {}
        fresh = [fact for fact in pending if fact.drive_id not in held]
        if len(self._brought(fresh, self._named(fresh))) < self.k:
            return None
        grown = [(fact, held.get(fact.drive_id, _nothing_of(fact))) for fact in pending]
        counted = self._to_count(grown, fresh)
        for fact, before in grown:
            names = self._named([fact], before)
            parts = tuple(_part(fact, before.part(name), counted) for name in names)
            held[fact.drive_id] = PublishedDrive(fact.drive_id, fact.revision, parts)
        return Group(pending[0].site_id, tuple(held[name] for name in sorted(held)))

    def _to_count(self, grown: Sequence[Growth], fresh: Sequence[DriveFact]) -> set[str]:
        """Return the materials whose part of a growth k households brought, as they did the rest.

        Where the rest is fewer households', it keeps the lightest of these materials with it.
        """
        gained = self._gained(grown)
        counted = {name for name in gained if len(self._brought(fresh, {name})) >= self.k}
        rest = gained.keys() - counted
        if counted and any(gained[name] for name in rest) and self._is_few(fresh, rest):
            counted.remove(min(counted, key=lambda name: (gained[name], name)))
        return counted

    def _gained(self, grown: Sequence[Growth]) -> dict[str, int]:
        """Return by how many grams drives change the sum, up or down, by material."""
        gained: dict[str, int] = {}
        for fact, before in grown:
            for name in self._named([fact], before):
                change_g = fact.mass_g.get(name, 0) - before.part(name).mass_g
                gained[name] = gained.get(name, 0) + abs(change_g)
        return gained

    def _is_few(self, fresh: Sequence[DriveFact], materials: Iterable[str]) -> bool:
        return len(self._brought(fresh, materials)) < self.k

    def _brought(self, fresh: Sequence[DriveFact], materials: Iterable[str]) -> set[str]:
        """Return the households that brought any of some materials."""
        some = [fact.households.get(name, frozenset()) for fact in fresh for name in materials]
        return set().union(*some)

    def _named(self, facts: Iterable[DriveFact], before: PublishedDrive | None = None) -> list[str]:
        """Return the materials that count for this campaign, in these facts or published before."""
        names = {name for fact in facts for name in fact.mass_g}
        names |= {part.material for part in before.parts} if before else set()
        return sorted(name for name in names if self._counts(name))

    def _counts(self, material: str) -> bool:
        return not self.goals or any(goal.material == material for goal in self.goals)


def _nothing_of(fact: DriveFact) -> PublishedDrive:
    return PublishedDrive(fact.drive_id, 0, ())


def _part(fact: DriveFact, before: MaterialPart, counted: set[str]) -> MaterialPart:
    mass_g = fact.mass_g.get(before.material, 0)
    change_g = mass_g - before.mass_g if before.material in counted else 0
    return MaterialPart(before.material, mass_g, before.counted_g + change_g)


def check_campaign(campaign: Campaign) -> None:
    """Raise `Invalid` (campaign.…) for a campaign that cannot be."""
    if campaign.last_day < campaign.first_day:
        raise Invalid("campaign.days", "a campaign ends after it begins")
    if not K_MIN <= campaign.k <= K_MAX:
        raise Invalid("campaign.k", f"a group has {K_MIN} to {K_MAX} households at least")
    if len(campaign.goals) > GOALS_MAX or len({g.material for g in campaign.goals}) < len(
        campaign.goals
    ):
        raise Invalid("campaign.goals", f"up to {GOALS_MAX} goals, each material once")
    if any(not 0 < goal.mass_g <= GOAL_G_MAX for goal in campaign.goals):
        raise Invalid("campaign.goals", "a goal is a gram at least")
