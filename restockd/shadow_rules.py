"""Settings of the shadow: which wait for a switch that is off, and which mean nothing as the others stand.

Who empties ``rules.shadow_policy``, or sets ``rules.shadow_promotes`` to false, switches something off and finds the
rest as it was when it is switched on again; meanwhile decisions do not hear of it.
"""

from collections.abc import Iterator

import msgspec

from inventory.rules import Rules, candidates

WAITING_ADVICE = "Set that, or leave the others out."
_BY_SWITCH = {
    "shadow_promotes": ("shadow_fill_margin", "shadow_service_levels", "shadow_weeks"),
    "shadow_service_levels": ("shadow_weeks",),
}
"""What means something only beside another setting, the first of these that is off."""
_NUMBERS = {
    "shadow_service_level": "cycle_service_level",
    "shadow_service_levels": "cycle_service_level",
    "shadow_order_cover_days": "order_cover_days",
    "shadow_fill_rate": "fill_rate",
}
"""Of the shadow, and what its policy would call them."""


def waiting(rules: Rules) -> tuple[str, list[str]]:
    """The switch that is off, and the settings that stand and wait for it; none where nothing does."""
    changed = _set(rules)
    if not rules.shadow_policy:
        return "shadow_policy", changed
    for switch, names in _BY_SWITCH.items():
        found = [name for name in changed if name in names]
        if found and not getattr(rules, switch):
            return switch, found
    return "", []


def in_force(rules: Rules) -> Rules:
    """Rules without what waits."""
    _, names = waiting(rules)
    return msgspec.structs.replace(rules, **{name: getattr(Rules(), name) for name in names})


def meaningless(rules: Rules) -> Iterator[tuple[str, str]]:
    """Each setting that is not as by default and contradicts the others, and why."""
    if rules.shadow_policy:
        plain = in_force(rules)
        yield from _not_taken(plain, _set(plain))


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
