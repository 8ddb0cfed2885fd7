"""What a receiver decided, container by container. accepted = received - refused, in grams."""

from dataclasses import dataclass
from datetime import datetime

from services.tracking.domain.manifest import ContainerItem, Manifest, Purpose
from shared.kernel.errors import Invalid
from shared.kernel.mass import grams


@dataclass(frozen=True, slots=True)
class Verdict:
    """One container's: accepted as a whole, or refused as a whole for a reason.

    `received_g` is what the receiver's scale said of its content, refused or not.
    """

    tag: str
    accepted: bool
    received_g: int
    reason: str | None = None

    def __post_init__(self) -> None:
        """Refuse an impossible mass, a refusal without a reason, and a reason without one."""
        grams(self.received_g)
        if self.accepted == (self.reason is not None):
            raise Invalid("reception.reason", "a refusal has a reason, an acceptance has none")


@dataclass(frozen=True, slots=True)
class Reception:
    """One reception of the load, or the receipt of a return. The grams are derived, never told."""

    receiver_id: str
    place_id: str
    at: datetime
    verdicts: tuple[Verdict, ...]
    child_id: str | None = None
    child_number: str | None = None

    def __post_init__(self) -> None:
        """Refuse more than any vehicle carries."""
        grams(self.received_g)

    @property
    def received_g(self) -> int:
        """All that came in at the scale."""
        return sum(verdict.received_g for verdict in self.verdicts)

    @property
    def refused_g(self) -> int:
        """What was refused of it."""
        return sum(verdict.received_g for verdict in self.verdicts if not verdict.accepted)

    @property
    def accepted_g(self) -> int:
        """What stayed: received - refused."""
        return self.received_g - self.refused_g

    @property
    def refused_tags(self) -> tuple[str, ...]:
        """The refused containers, in the manifest's order."""
        return tuple(verdict.tag for verdict in self.verdicts if not verdict.accepted)

    @property
    def outcome(self) -> str:
        """accepted, partly-refused or refused."""
        refused = len(self.refused_tags)
        if refused == 0:
            return "accepted"
        return "refused" if refused == len(self.verdicts) else "partly-refused"

    def accepted_by_code(self, manifest: Manifest) -> dict[str, int]:
        """Return the accepted grams of each code that licences name."""
        items = {item.tag: item for item in manifest.containers}
        accepted: dict[str, int] = dict.fromkeys(manifest.grams_by_code(), 0)
        for verdict in self.verdicts:
            if verdict.accepted:
                for code, mass_g in items[verdict.tag].weighed_by_code(verdict.received_g).items():
                    accepted[code] += mass_g
        return accepted


@dataclass(frozen=True, slots=True)
class Child:
    """The manifest of what was refused of a load: its id is derived, its number was reserved."""

    consignment_id: str
    number: str
    purpose: Purpose
    manifest: Manifest


def in_order(verdicts: tuple[Verdict, ...], manifest: Manifest) -> tuple[Verdict, ...]:
    """Return the verdicts in the manifest's order.

    Raises `Invalid` (reception.containers) where they are not each container's, once.
    """
    by_tag = {verdict.tag: verdict for verdict in verdicts}
    if len(by_tag) != len(verdicts) or set(by_tag) != set(manifest.tags):
        raise Invalid("reception.containers", "each container of the manifest has one verdict")
    return tuple(by_tag[tag] for tag in manifest.tags)


def refused_items(reception: Reception, manifest: Manifest) -> tuple[ContainerItem, ...]:
    """Return the containers that go on to somebody else: as declared, to the gram."""
    refused = set(reception.refused_tags)
    return tuple(item for item in manifest.containers if item.tag in refused)


def differences(verdicts: tuple[Verdict, ...], manifest: Manifest) -> tuple[str, ...]:
    """Return the tags whose grams differ from the declared ones (any difference: profile CN)."""
    declared = {item.tag: item.net_g for item in manifest.containers}
    return tuple(each.tag for each in verdicts if each.received_g != declared[each.tag])
