"""Settings of the shadow that would change nothing as the others stand.

Without a policy nothing is played, and what else is set waits for one: who empties ``rules.shadow_policy`` switches the
shadow off, and finds the rest as it was when it is switched on again.
"""

from collections.abc import Iterator

from inventory.rules import Rules, candidates

WAITING_ADVICE = "Name one in rules.shadow_policy, or leave the others out."
_WITHOUT_PROMOTION = ("shadow_service_levels", "shadow_fill_margin", "shadow_weeks")
_NUMBERS = {
    "shadow_service_level": "cycle_service_level",
    "shadow_service_levels": "cycle_service_level",
    "shadow_order_cover_days": "order_cover_days",
    "shadow_fill_rate": "fill_rate",
}
"""Of the shadow, and what its policy would call them."""


def meaningless(rules: Rules) -> Iterator[tuple[str, str]]:
    """Each setting that is not as by default and means nothing, and why."""
    if not rules.shadow_policy:
        return
    changed = _set(rules)
    for name in changed:
        if name in _WITHOUT_PROMOTION and not rules.shadow_promotes:
            yield name, "means nothing without rules.shadow_promotes; set that to true, or leave this out"
        elif name == "shadow_weeks" and not rules.shadow_service_levels:
            yield name, "means nothing without rules.shadow_service_levels; name challengers there, or leave this out"
    yield from _not_taken(rules, changed)


def waiting(rules: Rules) -> str:
    """That nothing is played in the shadow though settings of it stand; empty where that is not so."""
    names = _set(rules)
    if rules.shadow_policy or not names:
        return ""
    listed = ", ".join(f"rules.{name}" for name in names)
    return f"no policy is played in the shadow; {listed} {'waits' if len(names) == 1 else 'wait'} for one"


def _set(rules: Rules) -> list[str]:
    """Those of the shadow that are not as by default."""
    names = (name for name in Rules.__struct_fields__ if name.startswith("shadow_"))
    return [name for name in names if getattr(rules, name) != getattr(Rules(), name)]


def _not_taken(rules: Rules, changed: list[str]) -> Iterator[tuple[str, str]]:
    """Numbers that the shadow's policy has no use for, and a shadow that is what is in force."""
    from inventory.replenishment.policies.named import named

    in_force, *shadows = (
        named(one.policy, one.cycle_service_level, one.order_cover_days, one.fill_rate) for one in candidates(rules)
    )
    fields = shadows[0].__struct_fields__
    for name in changed:
        if name in _NUMBERS and _NUMBERS[name] not in fields:
            yield (
                name,
                f"means nothing to the policy {rules.shadow_policy}, which takes {_taken(fields)}; leave this out",
            )
    if shadows[0] == in_force:
        yield (
            "shadow_policy",
            "is the policy in force with the same numbers; name another, give it its own, or leave it empty",
        )
    elif in_force in shadows:
        yield "shadow_service_levels", "has the policy in force itself among them; leave its service level out"


def _taken(fields: tuple[str, ...]) -> str:
    return " and ".join(f"rules.{name}" for name, meant in _NUMBERS.items() if meant in fields)
