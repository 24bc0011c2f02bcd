"""Apache Kafka's jars, fetched once by Maven (which checks their sums) and kept in the user's cache."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from restockd import paths
from schemas.errors import Unavailable

POM = "deploy/kafka/pom.xml"
FETCH_SECONDS = 600.0

Announce = Callable[[str], None]

ADVICE = {
    "java": "Install a Java runtime, 17 or newer (Debian and Ubuntu: apt-get install openjdk-17-jre-headless).",
    "mvn": "Install Apache Maven, which fetches Kafka's jars (Debian and Ubuntu: apt-get install maven).",
}


def version() -> str:
    """The Kafka version that the project file asks for."""
    found = ElementTree.parse(paths.resource(POM)).findtext(".//dependency[groupId='org.apache.kafka']/version")  # noqa: S314
    return str(found)


def jars() -> Path:
    """Where the jars of this version are kept."""
    return paths.cache_dir() / f"kafka-{version()}"


def missing_tool() -> str | None:
    """``java`` or ``mvn`` if it is needed and not there; None if Kafka can be run."""
    if shutil.which("java") is None:
        return "java"
    return None if jars().is_dir() or shutil.which("mvn") else "mvn"


def fetched(announce: Announce = lambda _: None) -> Path:
    """The directory of jars, fetched first if need be; raises ``Unavailable`` saying what is missing."""
    tool = missing_tool()
    if tool is not None:
        raise Unavailable("local Kafka", f"{tool} is not installed", ADVICE[tool])
    target = jars()
    if not target.is_dir():
        announce(f"fetching Apache Kafka {version()} with Maven (43 MB, once; kept in {target})")
        _fetch(target)
    return target


def _fetch(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetching-") as working:
        pom = Path(shutil.copy(paths.resource(POM), working))
        copied = Path(working, "libs")
        _run_maven(pom, copied)
        try:
            copied.rename(target)
        except OSError:
            if not target.is_dir():  # otherwise somebody else fetched them at the same time
                raise


def _run_maven(pom: Path, output: Path) -> None:
    command = ["mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", str(pom)]
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={output}", "-DincludeScope=runtime"]
    try:
        subprocess.run([*command, *goal], check=True, capture_output=True, text=True, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable(
            "Maven", f"did not fetch Kafka within {FETCH_SECONDS:.0f} s", "Is the network there?"
        ) from None
    except subprocess.CalledProcessError as error:
        reason = next((line for line in error.stdout.splitlines() if "ERROR" in line), "no message")
        raise Unavailable("Maven", f"could not fetch Kafka: {reason}", "Is its repository reachable?") from None
