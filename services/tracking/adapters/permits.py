"""A permit becomes a signed token, with the segregation groups of its materials."""

from services.tracking.domain.container_permits import IssuedPermit
from shared.kernel.clock import legal_day
from shared.permits.model import Permit
from shared.permits.signing import PermitSigner
from shared.reference.segregation import group_of


def permit_token(permit: IssuedPermit, signer: PermitSigner) -> str:
    """Return the token of a permit."""
    return signer.sign(
        Permit(
            permit_id=permit.permit_id,
            container_tag=permit.tag,
            materials=permit.materials,
            classes=tuple(permit_classes(permit)),
            grams_left=permit.grams_left,
            subject=permit.subject,
            device_id=permit.device_id,
            issued_at=permit.issued_at,
            expires_at=permit.expires_at,
        )
    )


def permit_classes(permit: IssuedPermit) -> list[str]:
    """Return the segregation groups of a permit's materials on the day that it was issued."""
    day = legal_day(permit.issued_at)
    found = (group_of(material, day) for material in permit.materials)
    return sorted({group for group in found if group is not None})
