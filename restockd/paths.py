"""Where things are: our own packages and resources, the user's data, the cache."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def root() -> Path:
    """The directory holding our packages: ``restockd/_app`` in a wheel, the checkout's root otherwise."""
    shipped = HERE / "_app"
    return shipped if shipped.is_dir() else HERE.parent


def put_packages_on_path() -> None:
    """Make ``schemas``, ``streams`` and the others importable, wherever they were installed."""
    packages = str(root())
    if packages not in sys.path:
        sys.path.insert(0, packages)


def resource(name: str) -> Path:
    """A file that travels with the packages, such as ``deploy/kafka/pom.xml``."""
    return root() / name


def data_dir() -> Path:
    """Where restockd keeps what must survive a restart, unless told otherwise."""
    return _base("XDG_DATA_HOME", ".local/share") / "restockd"


def cache_dir() -> Path:
    """Where restockd keeps what can be fetched again."""
    return _base("XDG_CACHE_HOME", ".cache") / "restockd"


def _base(variable: str, default: str) -> Path:
    named = os.environ.get(variable, "")
    return Path(named) if Path(named).is_absolute() else Path.home() / default
