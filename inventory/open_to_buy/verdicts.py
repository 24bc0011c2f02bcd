"""What a budget says of an order, on the topic that people's verdicts go to."""

BY_BUDGET = "budget:"
"""How the approver's name begins; the budgets' names follow, with commas."""


def approver(budgets: tuple[str, ...]) -> str:
    """Who approves for budgets.

    >>> approver(("autumn", "denim"))
    'budget:autumn,denim'
    """
    return BY_BUDGET + ",".join(budgets)
