"""What transfers earned of what they were expected to, learned from those that were judged.

A plan picks the largest of many differences between two uncertain forecasts, so those it picks are too large on average
(the optimiser's curse: Smith and Winkler, Management Science 2006). What transfers were expected to gain is held
against what they earned, and further ones are expected to gain that share of what their forecasts say:

    share = (p * young + n * earned / expected) / (p + n)        young = days / (days + k)

of the ``n`` judged of late, as if ``p`` more had earned ``young`` of what was expected of them; from 0 to 1. What
forecasts of few days of demand differ by is mostly chance, and a posterior mean takes the part of a difference that
is not (Buhlmann's credibility, with ``k`` days for half of it), until transfers were judged. What was expected is
taken as the forecasts said it, so that the share does not depend on the shares of before. What was judged weighs half
after ``half_life_days``: where so little is expected that nothing moves any more, the share returns to ``young`` by
and by. One that lost or won many times what it was expected to counts as a few times that: a sudden rush at one donor
is no ground to move nothing for weeks.
"""

import msgspec

PRIOR_TRANSFERS = 10.0
_MOST_OFF = 3.0
"""A transfer counts as this many times off what was expected at most, to either side."""


class Realised(msgspec.Struct, array_like=True):
    """Transfers judged up to ``day``, in one currency: how many, and what they were expected to gain and earned."""

    day: int = 0
    transfers: float = 0.0
    expected: float = 0.0
    earned: float = 0.0


def learn(seen: Realised, day: int, expected: float, earned: float, half_life_days: float) -> None:
    """Take in a transfer that was judged on ``day``; one of which forecasts expected nothing says nothing."""
    if expected <= 0.0:
        return
    off = min(max(earned - expected, -_MOST_OFF * expected), _MOST_OFF * expected)
    kept = _kept(seen, day, half_life_days)
    seen.day = max(day, seen.day)
    seen.transfers = kept * seen.transfers + 1.0
    seen.expected = kept * seen.expected + expected
    seen.earned = kept * seen.earned + expected + off


def young_share(days: float, half_days: float) -> float:
    """What is believed of forecasts that saw so many ``days`` of demand, at least one; half after ``half_days``.

    >>> young_share(1.0, 7.0), young_share(7.0, 7.0), young_share(1.0, 0.0)
    (0.125, 0.5, 1.0)
    """
    return days / (days + half_days)


def share_of(seen: Realised | None, day: int, half_life_days: float, young: float = 1.0) -> float:
    """The share to expect on ``day``; ``young`` where nothing was judged.

    >>> share_of(Realised(7, 10.0, 400.0, 100.0), 7, 28.0)
    0.625
    >>> round(share_of(Realised(7, 10.0, 400.0, 100.0), 35, 28.0), 6)
    0.75
    """
    judged = judged_by(seen, day, half_life_days)
    if seen is None or seen.expected <= 0.0:
        return young
    share = (PRIOR_TRANSFERS * young + judged * seen.earned / seen.expected) / (PRIOR_TRANSFERS + judged)
    return min(max(share, 0.0), 1.0)


def judged_by(seen: Realised | None, day: int, half_life_days: float) -> float:
    """How many transfers were judged by ``day``, each weighing half after ``half_life_days``.

    >>> judged_by(Realised(7, 10.0, 400.0, 100.0), 35, 28.0), judged_by(None, 35, 28.0)
    (5.0, 0.0)
    """
    return 0.0 if seen is None else _kept(seen, day, half_life_days) * seen.transfers


def _kept(seen: Realised, day: int, half_life_days: float) -> float:
    return float(0.5 ** (max(day - seen.day, 0) / half_life_days))
