"""Campaigns: begun by the city, and their boards published by the worker."""

from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.campaign import Campaign, DriveFact, check_campaign
from services.collection.domain.drive import Drive
from services.collection.domain.visit import Visit
from shared.kernel.aggregate import Decision, Request, Stored

DRIVES_A_ROUND = 200


def begin_campaign(
    campaign: Campaign, *, desk: DriveDesk, request: Request[Campaign]
) -> Stored[Campaign]:
    """Begin a campaign; drives join it by their terms. `Invalid` (campaign.…)."""
    check_campaign(campaign)
    return desk.campaigns.create(campaign.campaign_id, Decision(campaign), request=request)


def publish_boards(*, desk: DriveDesk) -> int:
    """Bring all boards up to what may be shown; return how many changed. May be repeated."""
    return sum(_publish(campaign, desk=desk) for campaign in desk.campaigns.all())


def _publish(campaign: Campaign, *, desk: DriveDesk) -> bool:
    drives = desk.search.ended_of(campaign.campaign_id, known=campaign.known())
    facts = [_fact(drive, desk=desk) for drive in drives]
    if campaign.publish(facts) is None:
        return False
    desk.campaigns.change(campaign.campaign_id, lambda held: held.publish(facts) or Decision(held))
    return True


def _fact(drive: Drive, *, desk: DriveDesk) -> DriveFact:
    mass_g: dict[str, int] = {}
    households: dict[str, set[str]] = {}
    for visit in desk.search.visits_of(drive.drive_id):
        for lot in visit.weighing.lots:
            mass_g[lot.material] = mass_g.get(lot.material, 0) + lot.mass_g
            households.setdefault(lot.material, set()).update(_of(visit))
    return DriveFact(
        drive_id=drive.drive_id,
        site_id=drive.site.site_id,
        revision=drive.revision,
        mass_g=mass_g,
        households={name: frozenset(some) for name, some in households.items()},
    )


def _of(visit: Visit) -> list[str]:
    return [visit.household_id] if visit.household_id is not None else []
