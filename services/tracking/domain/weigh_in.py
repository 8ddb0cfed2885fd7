"""Where a weigh-in was made: at a door (its id is a pickup's) or at a drive (a visit's)."""

DOOR, DRIVE = "door", "drive"
