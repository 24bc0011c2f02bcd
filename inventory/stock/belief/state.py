"""What is believed about one SKU at one location, as plain numbers.

Units come with one tag, with two, or with none, and papers may name their tags or
not. ``cells`` is the joint probability of how many there are of each; given the numbers
of tags it implies, the single tags are independent but for their sum (conditional
Bernoulli). ``tags`` holds their odds.
"""

from typing import NamedTuple

import msgspec

MOST_TAGS = 160
LARGE = 100
"""Units beyond which single tags are not told apart: the count follows papers and tills alone."""

ZONES = ("sales_floor", "back_room", "fitting_room", "elsewhere")
FLOOR, BACK, FITTING, ELSEWHERE = range(4)


def zone_index(zone: str) -> int:
    """The place of a zone in ``ZONES``; names that are not known are elsewhere."""
    return ZONES.index(zone) if zone in ZONES else ELSEWHERE


class Tag(msgspec.Struct, array_like=True):
    """One tag that may be here: ``presence`` its probability were the number of tags not known.

    ``hits`` and ``misses`` are sweeps that heard it and that did not while it was
    surely here; ``run`` the misses since it was last heard, in its ``home``,
    the zone where that was.
    ``surprise`` is how unlikely it was when it was first heard. ``zones`` is the
    probability of each of ``ZONES`` given presence. ``listed`` tags were
    named by papers or a till; others were only heard, or (under a key that
    starts with ``?``) are tags that must be here but were never named or heard.
    ``unsold`` is the chance that no till line since it was heard was its. ``hidden`` tags are those
    that no papers told of: second tags, mostly (see ``cells``). ``came_from`` is the zone where it was
    heard before it was heard once in its ``home``; ``moved_at_ms`` when it was first heard there. ``lot``
    is the delivery it came with (of a hidden one the last before it was heard), ``stood`` whether it was here when it
    was last asked who left (see ``pairs``), ``apart`` the named tags that were in another zone (see ``beside``).
    """

    presence: float
    zones: list[float]
    listed: bool = False
    hits: float = 0.0
    misses: float = 0.0
    run: float = 0.0
    home: int = -1
    heard_at_ms: int = -1
    surprise: float = 0.0
    unsold: float = 1.0
    hidden: bool = False
    came_from: int = -1
    moved_at_ms: int = -1
    lot: int = 0
    stood: bool = False
    apart: dict[str, float] = {}


class Losses(msgspec.Struct, array_like=True):
    """Units that were lost unseen up to ``at_ms``, beside those that were ``expected`` to be at the rate one level up.

    Both fade: see ``passing``.
    """

    lost: float = 0.0
    expected: float = 0.0
    at_ms: int = -1


class Belief(msgspec.Struct, array_like=True):
    """The belief about one SKU at one location; empty ``cells`` mean nothing is known yet.

    ``cells`` maps ``cells.code(parts)`` to a probability. ``heard``
    holds, by zone, the peak RSSI of each tag heard in the sweep under way.
    ``sold`` and ``exposed_days`` give the rate of sale (days on which the place sold
    anything: ``place_sold`` is what it had sold by then), ``losses`` that of unseen
    loss, for this SKU at this place. ``sold_unheard`` sales wait for an exit
    reader to say which tag left, ``left_unsold`` tags that left wait for their
    sale. ``facings`` are the last camera counts. ``second_rate`` is the rate of
    second tags nobody named that ``cells`` rest on. ``told`` and ``told_empty``
    are the units and the chance of none that were last said, with ``told_book`` beside. ``blind`` while a
    device that tells of this stock cannot be trusted. ``floor_low`` is the least that was expected on the
    floor since the last sweep. ``fell`` is how many units the last sweep took off that no till had sold,
    ``counted_at_ms`` when somebody last counted all of it (``counted_units``), ``looked_at_ms`` any of
    it. ``lots`` are the second tags among those that the papers of a delivery named; ``went`` the tags
    that left since ``settled_at_ms``, by which ``cells`` were ``weighed`` already (see ``pairs``), as they were by
    ``beside``.
    """

    cells: dict[int, float] = {}
    tags: dict[str, Tag] = {}
    heard: dict[str, dict[str, float]] = {}
    at_ms: int = -1
    sold: float = 0.0
    exposed_days: float = 0.0
    place_sold: float = -1.0
    losses: Losses = msgspec.field(default_factory=Losses)
    slots: int = 0
    sold_unheard: int = 0
    sold_at_ms: int = -1
    left_unsold: int = 0
    left_at_ms: int = -1
    swept_at_ms: int = -1
    second_rate: float = 0.0
    facings: dict[str, int] = {}
    told: int = -1
    told_empty: float = 0.0
    told_book: int = 0
    told_blind: bool = False
    blind: bool = False
    floor_low: float = -1.0
    low_since_ms: int = -1
    fell: float = 0.0
    counted_at_ms: int = -1
    counted_units: int = 0
    looked_at_ms: int = -1
    lots: dict[int, float] = {}
    lots_made: int = 0
    went: list[str] = []
    weighed: list[float] = []
    settled_at_ms: int = -1
    beside: list[float] = []


class Camera(msgspec.Struct, array_like=True):
    """One camera: how many units it has ``seen`` of those ``there``.

    ``still`` is the evidence that its picture does not change, ``dark`` that it sees none of what is there (natural
    logarithms of the odds against chance).
    """

    seen: float = 42.5
    there: float = 50.0
    still: float = 0.0
    dark: float = 0.0


class Reader(msgspec.Struct, array_like=True):
    """What is known of one reader in one zone.

    ``rates`` are log likelihoods of the mean detection rates ``recapture.RATES``; ``near`` of ``near_looks`` at
    tags of other zones, ``ghosts`` of ``ghost_looks`` at strangers. ``interval_ms`` is usual between
    its ``sweeps`` and ``usual_tags`` what it hears, ``bad`` how many in a row went badly or past a section,
    by style; ``deaf`` if it heard next to nothing, ``weak`` if much less than it should: ``heard_share`` of it;
    ``off`` if it said so or is overdue. A reader that does not tell its sweeps is taken to end one
    when its ``window_ms`` is an hour old. RSSI in dBm of own and stray tags, as mean and variance with a weight.
    """

    rates: list[float] = []
    swept_at_ms: int = -1
    interval_ms: float = 0.0
    sweeps: int = 0
    usual_tags: float = 0.0
    bad: dict[str, int] = {}
    deaf: bool = False
    weak: bool = False
    off: bool = False
    heard_share: float = 1.0
    tells_sweeps: bool = False
    window_ms: int = -1
    near: float = 1.0
    near_looks: float = 20.0
    ghosts: float = 1.0
    ghost_looks: float = 10.0
    own_dbm: float = -52.0
    own_variance: float = 49.0
    own_weight: float = 30.0
    stray_dbm: float = -62.0
    stray_variance: float = 49.0
    stray_weight: float = 30.0


class Place(msgspec.Struct, array_like=True):
    """What one location's stock has in common.

    ``shares`` is where its stock is usually found, by ``ZONES``; zones that no reader sweeps have none.
    ``losses`` of all its SKUs, ``sold`` units in ``exposed_days`` of SKUs, the last at ``sold_at_ms``, ``epc_sales`` of
    ``tagged_sales`` at which the till named the tag.
    """

    readers: dict[str, Reader] = {}
    cameras: dict[str, Camera] = {}
    shares: list[float] = msgspec.field(default_factory=lambda: [0.6, 0.4, 0.0, 0.0])
    losses: Losses = msgspec.field(default_factory=Losses)
    sold: float = 0.0
    exposed_days: float = 0.0
    sold_at_ms: int = -1
    epc_sales: float = 1.0
    tagged_sales: float = 20.0


class Chain(msgspec.Struct, array_like=True):
    """What all locations have in common, learned together: tags, deliveries, losses.

    ``tags`` are log likelihoods of how often units are lost, how alike tags are and how well they are
    heard (see ``recapture``), ``loss_per_day`` the share of units that is lost, as they say.
    Of ``stayed + carried`` tags of the back room so many were carried to the floor, by how few units were
    there (see ``carrying``); ``wandered`` ones went some other way in ``tag_days``. Of ``found`` tags that
    were heard again ``moved`` ones had left the zone of before, by ``ZONES``. Of ``received`` units papers
    named ``listed_seconds`` tags too many and ``untagged`` too few, and ``unlisted_seconds`` tags nobody had
    named were found later, after ``receipts`` deliveries.
    """

    tags: list[float] = []
    loss_per_day: float = 0.005
    stayed: list[float] = []
    carried: list[float] = []
    found: list[float] = msgspec.field(default_factory=lambda: [50.0] * 4)
    moved: list[float] = msgspec.field(default_factory=lambda: [1.0] * 4)
    wandered: float = 1.0
    tag_days: float = 100.0
    received: float = 0.0
    receipts: float = 0.0
    listed_seconds: float = 0.0
    unlisted_seconds: float = 0.0
    untagged: float = 0.0


class Where(NamedTuple):
    """The surroundings of a belief: its place, all places, and the losses of its SKU at all of them."""

    place: Place
    chain: Chain
    losses: Losses


class Held(NamedTuple):
    """The belief about one SKU of a place, the style it lies with, and the losses of the SKU at all places."""

    style: str
    belief: Belief
    losses: Losses
