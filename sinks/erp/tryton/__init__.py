"""Tryton: orders become purchase requests, transfers internal shipments."""

from sinks.erp.tryton.erp import Tryton
from sinks.erp.tryton.session import TrytonSettings

__all__ = ["Tryton", "TrytonSettings"]
