"""The currencies there are: ISO 4217, with those that went lately and stand in records still."""

import pycountry

_GONE = frozenset({"ANG", "BGN", "CUC", "HRK", "SLL", "ZWL"})
CURRENCIES = _GONE | {str(one.alpha_3) for one in pycountry.currencies}
