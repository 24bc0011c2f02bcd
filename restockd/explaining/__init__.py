"""Why an order is as it is, and whether the log says the same again."""

from restockd.explaining.explanation import Explanation, Revision, explain

__all__ = ["Explanation", "Revision", "explain"]
