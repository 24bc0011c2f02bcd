"""restockd's intake and fold in one process, as ``restockd worker`` runs them; only the archive is left out."""

import asyncio
import json
import sys

from agents.worker import WorkerSettings, run_worker
from benchmarks.job import Job
from sinks.clickhouse.settings import ClickHouseSettings
from streams.settings import BrokerSettings


def settings_of(job: Job) -> WorkerSettings:
    """The defaults, without the role that needs ClickHouse."""
    broker = BrokerSettings(job.address, prefix=job.prefix)
    return WorkerSettings(broker, ClickHouseSettings(), frozenset({"intake", "inventory"}))


if __name__ == "__main__":
    asyncio.run(run_worker(settings_of(Job(**json.loads(sys.argv[1])))))
