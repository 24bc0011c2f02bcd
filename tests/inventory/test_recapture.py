"""Detection and loss learned together: by hand for one tag, and recovered from a population whose truth is known."""

from random import Random

import numpy as np
import pytest

from inventory.stock.belief import Chain, Reader, detection, recapture
from inventory.stock.belief.recapture import LOSSES, RATES, SPREADS, Looks

_SURE_RATE = int(np.argmin(abs(RATES - 0.5)))
_ALIKE = len(SPREADS) - 1


def looks(days: float, run: float, *, heard: bool, unsold: float = 1.0) -> Looks:
    columns = {name: np.array([0.0]) for name in ("hits", "misses")}
    told = {"days": days, "unsold": unsold, "here": 1.0, "run": run, "losing": 1.0}
    columns |= {name: np.array([value]) for name, value in told.items()}
    return Looks(columns, np.array([heard]))


@pytest.mark.parametrize("loss", range(len(LOSSES)))
def test_a_look_is_weighed_as_by_hand(loss: int) -> None:
    """A week after it was heard: here with s = exp(-7 loss), heard with 0.5; if gone, one in a hundred comes back."""
    stays = float(np.exp(-7.0 * LOSSES[loss]))
    at_once = recapture.likelihood(looks(7.0, 0.0, heard=True))[loss, _ALIKE, _SURE_RATE]
    missed = recapture.likelihood(looks(7.0, 0.0, heard=False))[loss, _ALIKE, _SURE_RATE]
    assert at_once == pytest.approx(np.log(stays * 0.5))
    assert missed == pytest.approx(np.log(1.0 - stays * 0.5 - (1.0 - stays) * 0.01))


def test_a_tag_that_was_missed_and_is_heard_again_was_there_all_along() -> None:
    """With s to stay one week: P(heard | missed before) = s * s * 0.5 * 0.5 / (1 - s * 0.5), but for rare returns."""
    stays = float(np.exp(-7.0 * LOSSES[0]))
    rate = (SPREADS[_ALIKE] * 0.5) / (SPREADS[_ALIKE] + 1.0)
    present = stays * 0.5 / (1.0 - stays * 0.5) * stays
    told = recapture.likelihood(looks(14.0, 1.0, heard=True))[0, _ALIKE, _SURE_RATE]
    assert told == pytest.approx(np.log(present * rate + (1.0 - present) * 0.01))


@pytest.mark.parametrize(("loss", "rate", "spread"), [(0.003, 0.94, 3.0), (0.02, 0.94, 40.0), (0.003, 0.6, 10.0)])
def test_loss_and_detection_of_a_population_are_told_apart(loss: float, rate: float, spread: float) -> None:
    """600 tags, 12 weekly sweeps, a tenth a week sold: from other starts than the truth it is found again."""
    random, chain, reader = Random(5), Chain(), Reader(interval_ms=7 * 86_400_000)
    rates = [random.betavariate(spread * rate, spread * (1 - rate)) for _ in range(600)]
    there = [True] * len(rates)
    hits, misses, run = (np.zeros(len(rates)) for _ in range(3))
    for _ in range(12):
        there = [one and random.random() < 0.9 * np.exp(-7 * loss) for one in there]
        heard = np.array([one and random.random() < mine for one, mine in zip(there, rates, strict=True)])
        steps = run + 1.0
        columns = {
            "days": 7.0 * steps,
            "unsold": 0.9**steps,
            "here": np.ones(len(rates)),
            "losing": np.ones(len(rates)),
        }
        columns |= {"hits": hits.copy(), "misses": misses.copy(), "run": run.copy()}
        detection.learn(chain, reader, Looks(columns, heard).of(run <= recapture.LONGEST_RUN), of_losses=True)
        misses[heard] += run[heard]
        hits[heard] += 1.0
        run = np.where(heard, 0.0, run + 1.0)
    assert chain.loss_per_day == pytest.approx(loss, rel=0.5)
    assert detection.chain_rate(chain) == pytest.approx(rate, abs=0.04)
    assert detection.rate(chain, reader) == pytest.approx(rate, abs=0.05)
    assert spread / 5.0 <= detection.spread(chain) <= spread * 5.0
