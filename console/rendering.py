"""Templates, and how numbers, times and money are written on a page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from schemas.wording import amount, came_of, percent

HERE = Path(__file__).parent
STATIC = HERE / "static"
NOTHING = "–"


class Entry(NamedTuple):
    """A line of the menu."""

    path: str
    label: str


MENU = (
    Entry("/", "Overview"),
    Entry("/stock", "Stock"),
    Entry("/orders", "Orders"),
    Entry("/transfers", "Transfers"),
    Entry("/surplus", "Surplus"),
    Entry("/budgets", "Budgets"),
    Entry("/alerts", "Alerts"),
    Entry("/tasks", "Tasks"),
    Entry("/sales", "Sales"),
    Entry("/quality", "How good"),
    Entry("/dead-letters", "Dead letters"),
)


def page(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A whole page, or for htmx only the part of it that changes."""
    path = request.url.path
    given = {
        "layout": "part.html" if "hx-request" in request.headers else "page.html",
        "address": f"{path}?{request.url.query}" if request.url.query else path,
        "path": path,
        "menu": MENU,
        **values,
    }
    headers = {"Vary": "HX-Request"}
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(given), status, headers)


def number(value: float | None, digits: int = 0) -> str:
    """12,345 or 1.25; a dash for nothing.

    >>> number(12345), number(1.25, 2), number(-3), number(-0.04, 1), number(None)
    ('12,345', '1.25', '−3', '0.0', '–')
    """
    return NOTHING if value is None else f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−")


def counted(value: float, noun: str, digits: int = 0) -> str:
    """How many there are of something.

    >>> counted(1, "unit"), counted(12345, "unit"), counted(1.0, "day", 1)
    ('1 unit', '12,345 units', '1.0 days')
    """
    return amount(number(value, digits), noun)


def figure(value: float) -> str:
    """A number of any size with the digits that matter.

    >>> figure(8.0), figure(0.961934), figure(0.00005)
    ('8', '0.9619', '5e-05')
    """
    return f"{value:.4g}" if abs(value) < 10_000 else number(value)


def share(value: float | None) -> str:
    """A share in per cent.

    >>> share(0.876), share(1.0), share(None)
    ('87.6 %', '100.0 %', '–')
    """
    return NOTHING if value is None else f"{number(value * 100, 1)} %"


def money(value: float | None, currency: str = "") -> str:
    """An amount with its currency.

    >>> money(1234.5, "EUR"), money(None, "EUR")
    ('1,234.50 EUR', '–')
    """
    return NOTHING if value is None else f"{number(value, 2)} {currency}".rstrip()


def age(seconds: float | None) -> str:
    """How long something has lasted, in its two largest units.

    >>> age(4.2), age(130), age(7300), age(200_000)
    ('4 s', '2 min', '2 h 1 min', '2 d 7 h')
    """
    if seconds is None:
        return NOTHING
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h"


def duration(milliseconds: float | None) -> str:
    """A latency in the unit that reads best.

    >>> duration(850), duration(1500), duration(90_000)
    ('850 ms', '1.5 s', '1 min')
    """
    if milliseconds is None:
        return NOTHING
    if milliseconds < 1_000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1_000:.1f} s" if milliseconds < 60_000 else age(milliseconds / 1_000)


def moment(value: datetime | None) -> str:
    """A time in UTC to the minute.

    >>> moment(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02 03:04'
    """
    return NOTHING if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"


def words(code: str) -> str:
    """A code as words.

    >>> words("shelf_gap")
    'shelf gap'
    """
    return code.replace("_", " ")


def with_query(path: str, **values: Any) -> str:
    """An address with parameters, those that are empty left out.

    >>> with_query("/stock", sku="A&B", style="")
    '/stock?sku=A%26B'
    """
    kept = {name: value for name, value in values.items() if value not in ("", None)}
    return f"{path}?{urlencode(kept)}" if kept else path


def ordered(row: Mapping[str, Any]) -> str:
    """The units of an order or transfer, and what came of an order.

    >>> ordered({"quantity": 1200, "received_units": 20, "status": "received"}), ordered({"quantity": 3})
    ('20 of 1,200', '3')
    """
    if "received_units" not in row:
        return number(row["quantity"])
    return came_of(row["quantity"], row["received_units"], row["status"])


def _asset(name: str) -> str:
    """The address of a vendored or own file; another content has another address, so browsers may keep it."""
    return f"/static/{name}?v={_DIGESTS[name]}"


def _digests() -> dict[str, str]:
    files = {file.relative_to(STATIC).as_posix(): file for file in STATIC.rglob("*") if file.is_file()}
    return {name: blake2b(file.read_bytes(), digest_size=6).hexdigest() for name, file in files.items()}


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for use in (number, counted, percent, figure, share, money, age, duration, moment, words, ordered):
        environment.filters[use.__name__] = use
    environment.globals.update(asset=_asset, with_query=with_query)
    return environment


_DIGESTS = _digests()
_ENVIRONMENT = _environment()
