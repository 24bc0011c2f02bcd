"""``python -m benchmarks.m5``: a table, or with ``--json`` one JSON object as the last line."""

import json
import resource
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any

import typer

from benchmarks.m5.files import read_days, read_ids, read_sales
from benchmarks.m5.levels import levels
from benchmarks.m5.play import HORIZON, Play, Window
from inventory.demand.panel.forecaster import Forecaster
from inventory.demand.panel.hierarchy import panel


def main(
    folder: Annotated[Path, typer.Option("--data", help="Folder with m5_d1-*.npz, ids.csv.gz and calendar.csv.")],
    train_end: Annotated[int, typer.Option(help="The last day learned; 1913 is d_1913.")] = 1913,
    windows: Annotated[int, typer.Option(min=1, help="Forecasts to score, 28 days apart, the last at the end.")] = 1,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Learn day by day up to the end of training, forecast the next 28 days and score them."""
    play = _set_up(folder)
    train_ends = [train_end - HORIZON * back for back in reversed(range(windows))]
    if train_end > play.days - HORIZON:
        raise typer.BadParameter(f"{play.days} days leave no {HORIZON} days after d_{train_end} to score")
    if train_ends[0] < HORIZON:
        raise typer.BadParameter(f"{windows} windows up to d_{train_end} leave less than {HORIZON} days to learn")
    done = play.run(train_ends)
    answer = _answer(done) | _cost(play, train_end)
    if as_json:
        print(json.dumps(answer))
    else:
        _show(done, answer)


def _set_up(folder: Path) -> Play:
    ids = read_ids(folder)
    states = list(dict.fromkeys(ids.state))
    days = read_days(folder, states)
    by_level = levels(ids)
    events = sorted({name for day in days for name in day.events})
    forecaster = Forecaster(panel(ids.item, ids.department, ids.store, ids.state), events, list(by_level.values()))
    return Play(read_sales(folder), days, forecaster, by_level)


def _answer(windows: Sequence[Window]) -> dict[str, Any]:
    """Means over the windows; each window too where there are several."""
    names = list(windows[0].wrmsse_by_level)
    by_level = {
        name: {
            "wrmsse": round(fmean(window.wrmsse_by_level[name] for window in windows), 4),
            "wspl": round(fmean(window.wspl_by_level[name] for window in windows), 4),
        }
        for name in names
    }
    means = {
        "wrmsse": round(fmean(window.wrmsse for window in windows), 4),
        "wspl": round(fmean(window.wspl for window in windows), 4),
    }
    each = [{"train_end": one.train_end, "wrmsse": round(one.wrmsse, 4), "wspl": round(one.wspl, 4)} for one in windows]
    return {**means, "by_level": by_level, "windows": each}


def _cost(play: Play, days: int) -> dict[str, float]:
    return {
        "seconds": round(play.learning_seconds + play.forecast_seconds, 2),
        "learning_seconds": round(play.learning_seconds, 2),
        "series_days_per_second": round(play.series * days / play.learning_seconds),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _show(windows: Sequence[Window], answer: dict[str, Any]) -> None:
    for window in windows:
        print(
            f"d_{window.train_end + 1} to d_{window.train_end + HORIZON}: "
            f"WRMSSE {window.wrmsse:.4f}, WSPL {window.wspl:.4f}"
        )
    for name, scores in answer["by_level"].items():
        print(f"{name:<4} WRMSSE {scores['wrmsse']:.4f}  WSPL {scores['wspl']:.4f}")
    for name in ("wrmsse", "wspl", "seconds", "series_days_per_second", "peak_mb"):
        print(f"{name}: {answer[name]}")


if __name__ == "__main__":
    typer.run(main)
