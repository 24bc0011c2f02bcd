"""An alert that shows whether a receiver hears us and means nothing."""

import uuid
from datetime import datetime

from schemas.facts import Alert


def trial(now: datetime) -> Alert:
    """Over as soon as it begins, so that nobody is called."""
    return Alert(
        fact_id=str(uuid.uuid4()),
        occurred_at=now,
        alert_id=str(uuid.uuid4()),
        fingerprint="trial|||",
        kind="trial",
        severity="info",
        state="resolved",
        starts_at=now,
        ends_at=now,
        summary="restockd can reach you",
        input_appended_at=now,
    )
