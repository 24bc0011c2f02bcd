"""A demo with a history stores often, so that its days pass quickly, unless somebody said how often."""

from restockd.commands.demo import DEFAULT_WEEKS, HISTORY_CHECKPOINT_SECONDS, stored_sooner
from restockd.configuration import Settings
from tests.cli.conftest import Run


def test_checkpoints_are_made_sooner_and_nothing_else_changes() -> None:
    settings = Settings()
    sooner = stored_sooner(settings, {})
    assert sooner.worker.checkpoint_seconds == HISTORY_CHECKPOINT_SECONDS < settings.worker.checkpoint_seconds
    changed = sooner.worker.model_copy(update={"checkpoint_seconds": settings.worker.checkpoint_seconds})
    assert sooner.model_copy(update={"worker": changed}) == settings


def test_what_somebody_said_holds() -> None:
    settings = Settings()
    assert stored_sooner(settings, {"worker.checkpoint_seconds": "the environment"}) is settings


def test_there_is_a_history_by_default(restockd: Run) -> None:
    assert DEFAULT_WEEKS == 1
    assert f"[default: {DEFAULT_WEEKS}]" in restockd("demo", "--help").out
