"""What the chain sells and where: articles, places, suppliers, and how well each article sells where."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.identifiers import check_digit, encode_sgtin96
from simulators.chain.settings import Settings

WAREHOUSE = "W1"
COMPANY_PREFIX = "4012345"
COLOURS = ("black", "white", "navy", "olive", "red", "sand")
SIZES = ("XS", "S", "M", "L", "XL", "XXL")
KINDS = ("T-shirt", "jeans", "dress", "hoodie", "shirt", "jacket", "skirt", "knit")

_COST_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Article:
    """One SKU; ``tag_base`` is its SGTIN-96 with serial 0 as a number."""

    number: int
    sku: str
    style: str
    style_number: int
    kind: str
    colour: str
    size: str
    gtin: str
    price: float
    cost: float
    pack: int
    supplier: int
    tag_base: int


@dataclass(frozen=True, slots=True)
class SupplierTerms:
    """A supplier and its order-to-receipt days."""

    name: str
    lead_time_days: float
    lead_time_sd_days: float


@dataclass(frozen=True)
class Assortment:
    """``rates[store, article]`` is units a day while on the shelf; the warehouse is the last site."""

    articles: tuple[Article, ...]
    suppliers: tuple[SupplierTerms, ...]
    sites: tuple[str, ...]
    rates: npt.NDArray[np.float64]

    @property
    def stores(self) -> range:
        return range(len(self.sites) - 1)

    @property
    def warehouse(self) -> int:
        return len(self.sites) - 1

    def siblings(self, article: Article) -> list[Article]:
        """The other articles of the same style."""
        return [other for other in self.articles if other.style == article.style and other is not article]


def make_assortment(settings: Settings, random: np.random.Generator) -> Assortment:
    """The assortment of a chain, decided by the generator alone."""
    suppliers = tuple(
        SupplierTerms(f"supplier-{number + 1}", days, round(days * 0.25, 2))
        for number, days in enumerate(settings.lead_time_days)
    )
    articles = tuple(_articles(settings, len(suppliers), random))
    sites = (*(f"S{number:02d}" for number in range(1, settings.stores + 1)), WAREHOUSE)
    return Assortment(articles, suppliers, sites, _rates(settings, articles, random))


def _articles(settings: Settings, suppliers: int, random: np.random.Generator) -> list[Article]:
    articles: list[Article] = []
    for style in range(settings.styles):
        price = float(round(random.lognormal(3.4, 0.5))) - 0.05
        pack, supplier = int(random.choice([1, 1, 2, 4])), int(random.integers(suppliers))
        for colour in COLOURS[: settings.colours]:
            for size in SIZES[: settings.sizes]:
                articles.append(_article(len(articles), style, colour, size, price, pack, supplier))
    return articles


def _article(number: int, style_number: int, colour: str, size: str, price: float, pack: int, supplier: int) -> Article:
    style = f"ST{style_number + 1:03d}"
    digits = f"{COMPANY_PREFIX}{number:05d}"
    gtin = digits + str(check_digit(digits))
    return Article(
        number=number,
        sku=f"{style}-{colour[:3].upper()}-{size}",
        style=style,
        style_number=style_number,
        kind=KINDS[style_number % len(KINDS)],
        colour=colour,
        size=size,
        gtin=gtin,
        price=price,
        cost=round(price * _COST_SHARE, 2),
        pack=pack,
        supplier=supplier,
        tag_base=int(encode_sgtin96(gtin, len(COMPANY_PREFIX), 0), 16),
    )


def _rates(settings: Settings, articles: tuple[Article, ...], random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Least + Exp(mean), times a size curve and the store's own size, both of mean 1."""
    shape = (settings.stores, len(articles))
    base = settings.sale_rate_least_per_day + random.exponential(settings.sale_rate_mean_per_day, shape)
    middle = (settings.sizes - 1) / 2
    curve = np.array([1.6 - 0.5 * abs(SIZES.index(article.size) - middle) for article in articles]).clip(0.3)
    stores = random.lognormal(0, 0.3, settings.stores)
    return np.asarray(base * (curve / curve.mean()) * (stores / stores.mean())[:, None])
