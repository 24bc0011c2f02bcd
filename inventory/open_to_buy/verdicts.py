"""What a budget says of an order, on the topic that people's verdicts go to."""

from schemas.readings.orders import BY_BUDGET


def approver(budgets: tuple[str, ...]) -> str:
    """Who approves for budgets.

    >>> approver(("autumn", "denim"))
    'budget:autumn,denim'
    """
    return BY_BUDGET + ",".join(budgets)
