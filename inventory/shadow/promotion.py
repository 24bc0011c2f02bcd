"""Putting the shadow's policy in force where it earns more, and the one of the rules again where it does not.

Each log partition judges for itself, and each currency in it, at the end of a whole week.
"""

import math
from datetime import date
from typing import Literal, NamedTuple

from inventory.alerts.conditions import hold_under
from inventory.alerts.open import Condition
from inventory.rules import Rules
from inventory.shadow.contest import comparison_of, contestants_of
from inventory.shadow.trial import LEAST_WEEKS, Brought, Trial
from inventory.turn import Turn
from schemas.facts import PolicyPromotion, utc

PROMOTED = "shadow_promoted"
MILLISECONDS_PER_DAY = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_MOST_DRIFTING = 0.25
_LESS_SERVED = "the promoted policy serves less of demand"

Action = Literal["promoted", "rolled_back", "reset"]


def end_day(turn: Turn, day: int, brought: dict[str, Brought]) -> None:
    """Take in what a day brought in each currency, and act where that decides a comparison."""
    for currency in sorted(brought):
        trial = turn.state.shadow.trials[currency]
        if trial.pass_day(day, brought[currency]) and turn.rules.shadow_promotes:
            _judge(turn, currency, trial, day)


def follow_rules(turn: Turn, before: Rules) -> None:
    """Where rules name other policies, or promote none any more, the policy they name is in force again at once."""
    rules, trials = turn.rules, turn.state.shadow.trials
    if rules.shadow_promotes and comparison_of(rules) == comparison_of(before):
        return
    why = f"rules {rules.version} compare others or promote none"
    for currency in sorted(currency for currency in trials if trials[currency].promoted):
        turning = _Turning("reset", why, turn.state.learner.day, turn.saying.occurred_at_ms)
        _turn_round(turn, currency, turning, comparison_of(before, promoted=True))


class _Turning(NamedTuple):
    """Two policies change places; they are compared anew from the day ``since`` on."""

    action: Action
    why: str
    since: int
    occurred_at_ms: int


def _judge(turn: Turn, currency: str, trial: Trial, day: int) -> None:
    why = why_turn(trial, turn.rules.shadow_fill_margin, drifts=_drifts(turn))
    if why:
        action: Action = "rolled_back" if trial.promoted else "promoted"
        turning = _Turning(action, why, day + 1, (day + 1) * MILLISECONDS_PER_DAY)
        _turn_round(turn, currency, turning, comparison_of(turn.rules, promoted=trial.promoted))


def why_turn(trial: Trial, fill_margin: float, *, drifts: bool) -> str:
    """Why policy and shadow are to change places now, empty where they are not.

    What rules name comes back where it earns more, or where the promoted policy serves less than it by more than
    ``fill_margin`` of demand. A shadow is promoted only where it does not, and not while forecasts are off.
    """
    if trial.promoted:
        less = trial.weeks >= LEAST_WEEKS and trial.more_fill > fill_margin
        return "the policy of the rules earns more" if trial.shadow_earns_more else _LESS_SERVED if less else ""
    allowed = -trial.more_fill <= fill_margin and not drifts
    return "the shadow earns more" if trial.shadow_earns_more and allowed else ""


def _drifts(turn: Turn) -> bool:
    """Whether sales have left their forecasts at too many locations for any policy to be seen at its best."""
    locations = {key.rpartition("|")[2] for key in turn.state.core.drifted}
    return len(locations) > _MOST_DRIFTING * len(turn.state.learner.register.locations)


def _turn_round(turn: Turn, currency: str, turning: _Turning, comparison: str) -> None:
    shadow = turn.state.shadow
    trial = shadow.trials[currency]
    turn.saying.say(_fact(turn, currency, trial, turning, comparison))
    shadow.trials[currency] = Trial(turning.since, promoted=not trial.promoted)
    shadow.changed = True
    _alert(turn, currency, promoted=not trial.promoted)


def _alert(turn: Turn, currency: str, *, promoted: bool) -> None:
    """Open while the shadow's policy is in force; the log partition stands where a device would."""
    where = f"{currency}, log partition {turn.saying.origin.partition}"
    summary = f"orders in {where} are decided by the shadow's policy {turn.rules.shadow_policy}, which earned more"
    condition = Condition(PROMOTED, "info", summary, device=where)
    hold_under(turn, f"{PROMOTED}|{currency}", condition, true=promoted, at_once=True)


def _fact(turn: Turn, currency: str, trial: Trial, turning: _Turning, comparison: str) -> PolicyPromotion:
    saying, doubt, mean = turn.saying, trial.doubt, trial.more_profit_a_day
    known = doubt < math.inf
    return PolicyPromotion(
        fact_id=saying.new_id("promotion", currency, str(turning.since)),
        occurred_at=utc(turning.occurred_at_ms),
        action=turning.action,
        currency=currency,
        in_force=contestants_of(turn.rules)[turning.action == "promoted"].label,
        comparison=comparison,
        since=date.fromordinal(_EPOCH + trial.since),
        weeks=trial.weeks,
        more_profit_a_day=mean,
        low=mean - doubt if known else None,
        high=mean + doubt if known else None,
        more_fill=trial.more_fill,
        reason=turning.why,
        log_partition=saying.origin.partition,
        log_offset=saying.origin.offset,
    )
