"""What the chain's devices are called."""

FLOOR, BACK, FITTING, EXIT = "sales_floor", "back_room", "fitting_room", "exit"
HANDHELD_ZONES = (FLOOR, BACK)
SECTIONS = 4


def till(site: str, number: int) -> str:
    return f"{site}-till-{number}"


def overhead(site: str) -> dict[str, str]:
    """The fixed reader of each zone."""
    return {FLOOR: f"{site}-floor", BACK: f"{site}-back", FITTING: f"{site}-fitting"}


def exit_reader(site: str) -> str:
    return f"{site}-exit"


def handheld(site: str, zone: str) -> str:
    """A handheld is set to the zone it is used in, and so is two devices."""
    return f"{site}-handheld-{'floor' if zone == FLOOR else 'back'}"


def camera(site: str) -> str:
    return f"{site}-camera-1"
