"""The decision rules in force; a change of them is an observation in the log."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.accepted import accepted

STATE_VERSION = 18

Positive = Annotated[float, Meta(ge=0.01, le=36_500)]
NotNegative = Annotated[float, Meta(ge=0, le=36_500)]
Share = Annotated[float, Meta(ge=0, le=1)]
Money = Annotated[float, Meta(ge=0)]
PolicyName = Literal[
    "fill_rate_base_stock",
    "least_cost",
    "min_max",
    "newsvendor",
    "periodic_min_max",
    "projected_inventory",
    "quantile_base_stock",
    "z_formula",
]
Rounding = Literal["up", "down", "nearest", "economic"]
ShadowPolicyName = Literal[PolicyName, ""]
_LEVEL = r"0\.(0[1-9]|[1-9]\d?)\d{0,2}"
LEVELS_IN_WORDS = "numbers from 0.01 to 0.9999 by commas, such as 0.9,0.98; or empty"
SERVICE_LEVELS = rf"^({_LEVEL}( *, *{_LEVEL})*)?$"
"""Of 0.01 to 0.9999, by commas; or none."""


class Rules(msgspec.Struct, frozen=True):
    """Every number a decision depends on besides the data; defaults hold until the log says otherwise.

    ``policy`` is how orders are decided. ``cycle_service_level`` is the probability of
    no stock-out in a replenishment cycle (an item may ask for its own), ``fill_rate``
    the share of demand served from stock, for the policy that asks for that;
    ``order_cover_days`` is how many days of demand an order adds above the
    reorder point. Money tied up costs ``carrying_share_per_year``, an order
    ``order_cost``, and what is left when an item's season ends is worth
    ``leftover_share`` of its cost. Orders and transfers worth more than ``approval_limit``
    (in the item's currency, 0 = no limit) wait for a person. Stock the book has that is not
    there with ``phantom_probability`` raises an alert, and where it costs more margin
    a day than ``look_cost`` a task to go and look. A record whose doubt costs more than
    ``count_cost`` is to be counted, at most ``count_tasks`` at a time and location (and
    log partition). ``shadow_policy`` is played beside the policy in force, with its own
    ``shadow_`` numbers, and nothing follows from it but a ledger; empty is none. With ``shadow_promotes`` it is put in
    force where it earns more than by luck and serves no less of demand than by ``shadow_fill_margin``, and back; it is
    then tried with ``shadow_service_levels`` too, each until that is decided or ``shadow_weeks`` are over. With
    ``learn_lead_times`` a supplier is believed by what it does, else by what reference
    data states. No markdown beyond ``deepest_markdown`` is suggested; one clears a stock
    if all of it sells with ``clearing_probability``. With ``conformal`` forecasts are read
    where past ones covered as often as asked for, else at the probability itself. A transfer ``transfer_late_days``
    overdue is late and not counted on; after ``transfer_lost_days`` more it is over. None is proposed that earns less
    than ``transfer_least_gain`` after its costs. Of what forecasts promise of one, half is believed after
    ``transfer_young_days`` of demand, until transfers were judged (0: all of it), and a store that observed fewer gives
    half of what it has at most. ``transfer_holdout_share`` of them are judged and not sent, to be compared with the
    others.
    An alert ends once its condition has been over for ``keep_firing_hours`` of event time. A stock that runs out before
    goods can be there with ``stockout_risk_probability`` raises one where that costs more margin than
    ``stockout_risk_cost``, an order that nobody answered after ``unanswered_hours`` (0: none), and sales so much lower
    than at other locations that chance alone brings them with ``low_sales_chance`` (0: none).
    """

    version: str = "built-in"
    policy: PolicyName = "periodic_min_max"
    cycle_service_level: Annotated[float, Meta(ge=0.01, le=0.9999)] = 0.95
    demand_half_life_days: Positive = 28.0
    order_cover_days: NotNegative = 7.0
    lead_time_days: NotNegative = 7.0
    lead_time_sd_days: NotNegative = 2.0
    review_period_days: NotNegative = 1.0
    approval_limit: Money = 0.0
    deduplication_days: Positive = 7.0
    count_memory_hours: NotNegative = 72.0
    donor_cover_days: NotNegative = 14.0
    transfer_least_gain: Money = 0.0
    transfer_young_days: NotNegative = 0.0
    transfer_holdout_share: Annotated[float, Meta(ge=0, le=0.5)] = 0.0
    transfer_late_days: NotNegative = 1.0
    transfer_lost_days: NotNegative = 14.0
    phantom_probability: Annotated[float, Meta(ge=0.01, le=1)] = 0.6
    look_cost: Money = 0.5
    count_cost: Money = 5.0
    count_tasks: Annotated[float, Meta(ge=0, le=1_000)] = 3.0
    fill_rate: Annotated[float, Meta(ge=0.01, le=0.9999)] = 0.98
    rounding: Rounding = "up"
    carrying_share_per_year: Share = 0.25
    order_cost: Money = 0.0
    leftover_share: Share = 0.0
    shadow_policy: ShadowPolicyName = ""
    shadow_service_level: Annotated[float, Meta(ge=0.01, le=0.9999)] = 0.95
    shadow_order_cover_days: NotNegative = 7.0
    shadow_fill_rate: Annotated[float, Meta(ge=0.01, le=0.9999)] = 0.98
    shadow_promotes: bool = False
    shadow_fill_margin: Share = 0.01
    shadow_service_levels: Annotated[str, Meta(pattern=SERVICE_LEVELS, description=LEVELS_IN_WORDS)] = ""
    shadow_weeks: Annotated[float, Meta(ge=8, le=520)] = 26.0
    learn_lead_times: bool = True
    deepest_markdown: Share = 0.7
    clearing_probability: Annotated[float, Meta(ge=0.5, le=0.9999)] = 0.9
    conformal: bool = True
    keep_firing_hours: NotNegative = 1.0
    stockout_risk_probability: Annotated[float, Meta(ge=0.01, le=1)] = 0.5
    stockout_risk_cost: Money = 5.0
    unanswered_hours: NotNegative = 48.0
    low_sales_chance: Annotated[float, Meta(ge=0, le=0.01)] = 3e-4


def rules_from(version: str, values: Mapping[str, float | str | bool]) -> Rules:
    """Rules with ``values`` over the defaults.

    Names this version does not know and values that cannot be used are left out:
    a rule in the log can no more stop the fold than a reading can.
    """
    rules = Rules(version)
    for name in sorted(set(values) & set(Rules.__struct_fields__) - {"version"}):
        try:
            rules = msgspec.convert({**msgspec.structs.asdict(rules), name: values[name]}, Rules)
        except msgspec.ValidationError:
            continue
    return rules


def left_out(values: Mapping[str, float | str | bool]) -> Iterator[tuple[str, str]]:
    """Each of ``values`` that :func:`rules_from` would leave out, and why."""
    known = msgspec.json.schema(Rules)["$defs"]["Rules"]["properties"]
    del known["version"]
    for name in sorted(values):
        if name not in known:
            close = get_close_matches(name, known, n=1)
            yield name, "is no rule" + (f"; did you mean {close[0]}?" if close else "")
            continue
        try:
            msgspec.convert({name: values[name]}, Rules)
        except msgspec.ValidationError:
            yield name, f"= {values[name]!r} is left out; allowed: {accepted(known[name])}"


@lru_cache(maxsize=8)
def candidates(rules: Rules) -> tuple[Rules, ...]:
    """The rules, and the same with the shadow's policy and numbers at each service level it is tried with.

    The versions of those say so.
    """
    if not rules.shadow_policy:
        return (rules,)
    further = map(float, filter(None, rules.shadow_service_levels.split(",")))
    return rules, *(_with_shadow(rules, level) for level in dict.fromkeys([rules.shadow_service_level, *further]))


def _with_shadow(rules: Rules, service_level: float) -> Rules:
    return msgspec.structs.replace(
        rules,
        version=f"{rules.version}+shadow",
        policy=rules.shadow_policy,
        cycle_service_level=service_level,
        order_cover_days=rules.shadow_order_cover_days,
        fill_rate=rules.shadow_fill_rate,
    )
