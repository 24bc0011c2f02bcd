"""The wheel works where the checkout is not, and keeps its generic names to itself."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from restockd import __version__, paths

ROOT = Path(__file__).resolve().parents[2]
NOT_SHIPPED = {"benchmarks", "restockd", "tests"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked as an installer does it."""
    target = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def _packages() -> set[str]:
    return {init.parent.name for init in ROOT.glob("*/__init__.py")}


def _run(installed: Path, elsewhere: Path, *arguments: str) -> str:
    """With the wheel in front of the environment's own packages and far from the checkout."""
    script = "import sys; sys.path.insert(0, sys.argv.pop(1)); " + (
        "import restockd.__main__ as entry; entry.main()" if arguments[0] != "-c" else arguments[1]
    )
    command = [sys.executable, "-P", "-c", script, str(installed), *(arguments if arguments[0] != "-c" else ())]
    done = subprocess.run(command, cwd=elsewhere, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def test_only_restockd_lands_in_site_packages(installed: Path) -> None:
    assert {entry.name for entry in installed.iterdir()} == {"restockd", f"restockd-{__version__}.dist-info"}


def test_every_package_travels_inside_it(installed: Path) -> None:
    shipped = {init.parent.name for init in installed.glob("restockd/_app/*/__init__.py")}
    assert shipped == _packages() - NOT_SHIPPED
    assert list(installed.rglob("*.sql")), "the migrations are part of it"
    assert not list(installed.rglob("__pycache__"))


def test_it_runs_from_the_wheel_and_not_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    assert _run(installed, tmp_path, "--version") == f"restockd {__version__}\n"
    where = "import restockd.paths as p; p.put_packages_on_path(); import schemas; print(schemas.__file__, p.root())"
    module, root = _run(installed, tmp_path, "-c", where).split()
    assert Path(root) == installed / "restockd" / "_app"
    assert Path(module).is_relative_to(root)


def test_its_resources_are_found(installed: Path, tmp_path: Path) -> None:
    ask = "import restockd.paths as p; p.put_packages_on_path(); import restockd.kafka_jars as k; print(k.version())"
    assert _run(installed, tmp_path, "-c", ask).strip()
    assert (paths.root() / "deploy/kafka/pom.xml").exists()


def test_the_command_is_declared(installed: Path) -> None:
    entry_points = (installed / f"restockd-{__version__}.dist-info" / "entry_points.txt").read_text()
    assert "restockd = restockd.__main__:main" in entry_points


def test_every_package_is_held_to_the_import_rules() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert set(config["root_packages"]) == _packages() - {"tests", "benchmarks"}
