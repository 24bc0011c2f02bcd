"""Puts our packages into the wheel as ``restockd/_app``.

Generic names (``agents``, ``schemas``, ...) must not land in anybody's
site-packages; ``restockd/__main__.py`` puts ``_app`` on ``sys.path``. An editable
install leaves everything where it is.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NOT_SHIPPED = {"benchmarks", "restockd", "tests"}
RESOURCES = ("deploy/kafka",)


class ShipPackages(BuildHookInterface):  # type: ignore[type-arg]
    """Every package at the top of the checkout but the ones that only developers use."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        packages = sorted(init.parent.name for init in root.glob("*/__init__.py"))
        shipped = [name for name in packages if name not in NOT_SHIPPED]
        build_data["force_include"].update(
            {str(root / name): f"restockd/_app/{name}" for name in (*shipped, *RESOURCES)}
        )
