"""The approval limit: what is worth more waits for a person, as long as it is."""

from inventory.rules import Rules


def is_above_limit(rules: Rules, worth: float) -> bool:
    """Whether something of that worth may not be released without a person."""
    return 0.0 < rules.approval_limit < worth


def why_it_waits_now(rules: Rules) -> str:
    """Of what had been released before."""
    return f"worth more than {rules.approval_limit:g}, the approval limit by now"


def why_it_is_released_now(rules: Rules) -> str:
    """Of what had waited before."""
    if rules.approval_limit <= 0.0:
        return "there is no approval limit any more"
    return f"worth no more than {rules.approval_limit:g}, the approval limit by now"
