"""What the books must say and what truly happened, per place and article."""

from dataclasses import dataclass


@dataclass(slots=True)
class Account:
    """All units of one SKU at one place, as booked and, below, as they truly moved.

    ``returns`` are sellable ones; ``damaged_returns`` raise no stock. ``adjustments`` and
    ``count_corrections`` are signed. ``stolen``, ``misscanned`` (sold as another SKU) and
    ``receipt_errors`` (truly received less booked, signed) are hidden from every reading.
    """

    opening: int = 0
    receipts: int = 0
    sales: int = 0
    returns: int = 0
    damaged_returns: int = 0
    voids: int = 0
    transfers_in: int = 0
    transfers_out: int = 0
    adjustments: int = 0
    write_offs: int = 0
    supplier_returns: int = 0
    count_corrections: int = 0
    arrived: int = 0
    carried_out: int = 0
    brought_back: int = 0
    stolen: int = 0
    thrown_away: int = 0
    sent_back: int = 0
    misscanned: int = 0
    receipt_errors: int = 0
    lost_sales: int = 0

    @property
    def booked(self) -> int:
        """Book on-hand: the sum of everything booked."""
        return (
            self.opening
            + self.receipts
            - self.sales
            + self.returns
            + self.voids
            + self.transfers_in
            - self.transfers_out
            + self.adjustments
            - self.write_offs
            - self.supplier_returns
            + self.count_corrections
        )

    @property
    def moved(self) -> int:
        """True on-hand as the sum of what truly moved."""
        return (
            self.opening
            + self.arrived
            - self.carried_out
            + self.brought_back
            - self.stolen
            - self.thrown_away
            - self.sent_back
            + self.transfers_in
            - self.transfers_out
        )

    def count(self, seen: int) -> None:
        """A stock count: the book becomes what was seen."""
        self.count_corrections += seen - self.booked


class Books:
    """The account of every place and article."""

    def __init__(self, sites: int, articles: int) -> None:
        self.accounts = [[Account() for _ in range(articles)] for _ in range(sites)]

    def of(self, site: int, article: int) -> Account:
        return self.accounts[site][article]
