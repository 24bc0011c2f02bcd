"""Putting the shadow's policy in force where it earns more, and the one of the rules again where it does not.

Each log partition judges for itself, and each currency in it, at the end of a whole week.
"""

import math
from datetime import date
from typing import Literal, NamedTuple

from inventory.alerts.conditions import hold_under
from inventory.alerts.open import Condition
from inventory.demand.panel.arrays import Index
from inventory.rules import Rules
from inventory.shadow.contest import comparison_of, contestants_of
from inventory.shadow.trial import FIRST, LEAST_WEEKS, Brought, Trial
from inventory.turn import Turn
from schemas.facts import PolicyPromotion, utc
from schemas.wording import amount

PROMOTED = "shadow_promoted"
MILLISECONDS_PER_DAY = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_MOST_DRIFTING, _ROLLED_BACK = 0.25, 2.0
_LESS_SERVED = "the promoted policy serves less of demand"

Action = Literal["promoted", "rolled_back", "reset", "kept"]


def end_day(turn: Turn, day: int, brought: dict[str, Brought], rows: dict[str, Index]) -> None:
    """Take in what a day brought in each currency, and act where that decides a comparison; ``rows`` are its series."""
    for currency in sorted(brought):
        trial = turn.state.shadow.trials[currency]
        if trial.pass_day(day, brought[currency]) and turn.rules.shadow_promotes:
            _judge(turn, currency, rows[currency], day)


def follow_rules(turn: Turn, before: Rules) -> None:
    """Where rules name other policies, or promote none any more, the policy they name is in force again at once."""
    rules, shadow = turn.rules, turn.state.shadow
    begun = all((trial.in_force, trial.shadow) == FIRST for trial in shadow.trials.values())
    if begun or (rules.shadow_promotes and comparison_of(rules) == comparison_of(before)):
        return
    why = f"rules {rules.version} compare others or promote none"
    for currency in sorted(currency for currency, trial in shadow.trials.items() if trial.in_force):
        trial = shadow.trials[currency]
        ended = _Ended("reset", why, turn.saying.occurred_at_ms, pair(before, trial), _label(rules, 0))
        turn.saying.say(_fact(turn, currency, trial, ended))
        _alert(turn, currency, promoted=False)
    shadow.stop()


def pair(rules: Rules, trial: Trial) -> str:
    """The policy in force and its shadow."""
    return f"{_label(rules, trial.in_force)} / {_label(rules, trial.shadow)}"


def _label(rules: Rules, number: int) -> str:
    return contestants_of(rules)[number].label


class _Ended(NamedTuple):
    """How a trial ended; ``in_force`` is what decides orders after it."""

    action: Action
    why: str
    occurred_at_ms: int
    comparison: str
    in_force: str


def _judge(turn: Turn, currency: str, rows: Index, day: int) -> None:
    """Let policy and shadow change places, or another challenger have its turn, from the next day on."""
    shadow, rules = turn.state.shadow, turn.rules
    trial, others = shadow.trials[currency], len(contestants_of(rules)) - 2
    why, over = why_turn(trial, rules.shadow_fill_margin, drifts=_drifts(turn)), why_over(trial, rules.shadow_weeks)
    action: Action = "kept" if not why else "promoted" if trial.shadow else "rolled_back"
    if why:
        after = Trial(day + 1, in_force=trial.shadow, shadow=trial.in_force)
        shadow.in_force.exchange(shadow.shadow, rows)
    elif over and others:
        after = Trial(day + 1, in_force=trial.in_force, shadow=_next(trial, others + 2))
        shadow.shadow.follow(shadow.in_force, rows)
    else:
        return
    at_ms, in_force = (day + 1) * MILLISECONDS_PER_DAY, _label(rules, after.in_force)
    ended = _Ended(action, why or over, at_ms, pair(rules, trial), in_force)
    turn.saying.say(_fact(turn, currency, trial, ended))
    shadow.trials[currency] = after
    _alert(turn, currency, promoted=after.in_force > 0)


def _next(trial: Trial, contestants: int) -> int:
    """Who is tried after the present shadow, in turn."""
    after = (trial.shadow + 1) % contestants
    return after if after != trial.in_force else (after + 1) % contestants


def why_turn(trial: Trial, fill_margin: float, *, drifts: bool) -> str:
    """Why policy and shadow are to change places now, empty where they are not.

    What rules name comes back where it earns more, or where the promoted policy serves less than it by more than twice
    ``fill_margin`` of demand: what is just within it must not go to and fro. A challenger is promoted only where it
    does not serve less by more than the margin, and not while forecasts are off.
    """
    if trial.shadow == 0:
        less = trial.weeks >= LEAST_WEEKS and trial.more_fill > _ROLLED_BACK * fill_margin
        return "the policy of the rules earns more" if trial.shadow_earns_more else _LESS_SERVED if less else ""
    allowed = -trial.more_fill <= fill_margin and not drifts
    return "the shadow earns more" if trial.shadow_earns_more and allowed else ""


def why_over(trial: Trial, most_weeks: float) -> str:
    """Why another challenger may have its turn, empty where none may yet."""
    if trial.shadow_earns_less:
        return "the policy in force earns more"
    return f"not promoted after {amount(trial.weeks, 'week')}" if trial.weeks >= most_weeks else ""


def _drifts(turn: Turn) -> bool:
    """Whether sales have left their forecasts at too many locations for any policy to be seen at its best."""
    locations = {key.rpartition("|")[2] for key in turn.state.core.drifted}
    return len(locations) > _MOST_DRIFTING * len(turn.state.learner.register.locations)


def _alert(turn: Turn, currency: str, *, promoted: bool) -> None:
    """Open while the policy that rules name is not in force; the log partition stands where a device would."""
    where = f"{currency}, log partition {turn.saying.origin.partition}"
    summary = f"orders in {where} are decided by a policy that earned more in the shadow, see `restockd shadow`"
    condition = Condition(PROMOTED, "info", summary, device=where)
    hold_under(turn, f"{PROMOTED}|{currency}", condition, true=promoted, at_once=True)


def _fact(turn: Turn, currency: str, trial: Trial, ended: _Ended) -> PolicyPromotion:
    saying, doubt, mean = turn.saying, trial.doubt, trial.more_profit_a_day
    known = doubt < math.inf
    return PolicyPromotion(
        fact_id=saying.new_id("promotion", currency, str(trial.since)),
        occurred_at=utc(ended.occurred_at_ms),
        action=ended.action,
        currency=currency,
        in_force=ended.in_force,
        comparison=ended.comparison,
        since=date.fromordinal(_EPOCH + trial.since),
        weeks=trial.weeks,
        more_profit_a_day=mean,
        low=mean - doubt if known else None,
        high=mean + doubt if known else None,
        more_fill=trial.more_fill,
        reason=ended.why,
        log_partition=saying.origin.partition,
        log_offset=saying.origin.offset,
    )
