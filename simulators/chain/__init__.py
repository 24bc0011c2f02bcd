"""A simulated chain of fashion stores with the true answer kept aside."""

from simulators.chain.books import Account
from simulators.chain.chain import Chain
from simulators.chain.settings import PRESETS, Dirt, Radio, Settings, preset
from simulators.chain.truth import TrueTag, Truth

__all__ = ["PRESETS", "Account", "Chain", "Dirt", "Radio", "Settings", "TrueTag", "Truth", "preset"]
