"""Who may use the routes of drives, and on which: declared once, proven in tests.

A collector's own drives are those for which he is named or in charge, a resident's own visits and
sign-ups those of the own households, a regulator's area that of the token.
"""

from typing import Annotated

from fastapi import Depends

from shared.http.access import ROLES
from shared.http.auth import Caller, role
from shared.http.idempotency import KeyedCall, keyed

CrewCall = Annotated[KeyedCall, Depends(keyed("collector", "operator", own=["collector"]))]
# What the scale says is a fact, whoever tells it; of another's drive it is flagged.
TellerCall = Annotated[KeyedCall, Depends(keyed("collector", "operator"))]
HouseholdCall = Annotated[KeyedCall, Depends(keyed("resident", "operator", own=["resident"]))]

DriveReader = Annotated[Caller, Depends(role(*ROLES, area=["regulator"]))]
CrewReader = Annotated[
    Caller,
    Depends(role("collector", "operator", "regulator", own=["collector"], area=["regulator"])),
]
VisitReader = Annotated[
    Caller,
    Depends(
        role(
            *("resident", "collector", "operator", "regulator"),
            own=["resident", "collector"],
            area=["regulator"],
        )
    ),
]
OwnDrivesReader = Annotated[Caller, Depends(role("collector", own=["collector"]))]
OwnVisitsReader = Annotated[Caller, Depends(role("resident", own=["resident"]))]
