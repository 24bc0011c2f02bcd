"""What a simulated chain is like; three presets."""

from dataclasses import dataclass, field, replace

from simulators.chain.devices import BACK, FITTING, FLOOR


@dataclass(frozen=True)
class Dirt:
    """How often input is wrong, per message it could happen to."""

    unknown_item: float = 0.0
    malformed: float = 0.0
    wrong_clock: float = 0.0
    duplicate: float = 0.0
    late: float = 0.0
    late_most_minutes: int = 30


@dataclass(frozen=True)
class Radio:
    """How well tags are heard.

    A tag's detection rate is Beta(spread * mean, spread * (1 - mean)); a sweep shifts all of them by a
    normal logit; a section is skipped unnoticed; a share of what is heard belongs to no unit in the zone.
    Of a unit with two tags the papers name both in ``double_listed_share`` of cases. A reader is deaf in
    ``deaf_sweep_share`` of its sweeps: it starts and ends them and hears nothing.
    ``None`` for a period means there is no such reading. A dead fixed reader is silent until the day ends.
    """

    mean_rate: float = 0.95
    spread: float = 3.0
    sweep_logit_sd: float = 0.3
    skip_share: float = 0.03
    stray_share: float = 0.16
    untagged_share: float = 0.01
    double_share: float = 0.01
    double_listed_share: float = 0.5
    deaf_sweep_share: float = 0.0
    dead_reader_per_day: float = 0.0
    overhead_minutes: int | None = 60
    handheld_days: int | None = 1
    overhead_zones: tuple[str, ...] = (FLOOR, BACK, FITTING)
    exit_reader: bool = True
    sections_told: bool = True


@dataclass(frozen=True)
class Settings:
    """A chain. Rates are per event or per unit and day, as their names say; a camera is stuck for some days.

    For the first ``devices_after_days`` of the simulation there are no readers and no cameras yet, and clocks are
    told hourly: tills, delivery notes and counts say all there is.
    """

    seed: int = 1
    stores: int = 12
    styles: int = 20
    colours: int = 3
    sizes: int = 4
    sale_rate_least_per_day: float = 0.05
    sale_rate_mean_per_day: float = 0.5
    days_of_cover: float = 14.0
    mean_stock: float | None = None
    warehouse_units_per_sku: int = 40
    mean_lines: float = 1.7
    epc_at_till_share: float = 0.6
    epcs_on_papers: bool = True
    return_share: float = 0.05
    damaged_return_share: float = 0.1
    exchange_share: float = 0.15
    void_share: float = 0.004
    cancelled_share: float = 0.007
    misscan_share: float = 0.01
    theft_per_unit_day: float = 0.002
    theft_sigma: float = 0.8
    misplaced_share: float = 0.01
    write_off_per_unit_day: float = 0.0002
    adjustments_per_store_day: float = 0.3
    supplier_returns_per_store_day: float = 0.1
    receipt_error_share: float = 0.03
    short_delivery_share: float = 0.05
    over_delivery_share: float = 0.02
    supplier_rejects_share: float = 0.01
    lead_time_days: tuple[float, ...] = (2.0, 4.0, 7.0)
    own_order_share: float = 0.01
    counted_share_per_day: float = 0.02
    reservations_per_store_hour: float = 0.05
    camera_minutes: int | None = 30
    camera_share: float = 0.3
    camera_stuck_per_day: float = 0.0
    promotions_per_day: float = 0.5
    clock_minutes: int = 5
    devices_after_days: int = 0
    radio: Radio = field(default_factory=Radio)
    dirt: Dirt = field(default_factory=Dirt)


def preset(name: str, seed: int = 1) -> Settings:
    """The settings named ``demo``, ``easy`` or ``hard``; raises ``KeyError`` for another name."""
    return replace(PRESETS[name], seed=seed)


_BELIEF = Settings(
    stores=20,
    styles=4,
    colours=2,
    sizes=3,
    sale_rate_least_per_day=0.02,
    sale_rate_mean_per_day=0.3,
    mean_stock=8.0,
    warehouse_units_per_sku=0,
    epc_at_till_share=0.0,
    exchange_share=0.0,
    void_share=0.0,
    cancelled_share=0.0,
    damaged_return_share=0.0,
    theft_per_unit_day=0.004,
    misplaced_share=0.0,
    write_off_per_unit_day=0.0,
    adjustments_per_store_day=0.0,
    supplier_returns_per_store_day=0.0,
    short_delivery_share=0.0,
    over_delivery_share=0.0,
    supplier_rejects_share=0.0,
    lead_time_days=(3.0,),
    own_order_share=1.0,
    counted_share_per_day=0.0,
    reservations_per_store_hour=0.0,
    camera_minutes=None,
    promotions_per_day=0.0,
    radio=Radio(overhead_minutes=None, exit_reader=False, sections_told=False),
)

PRESETS: dict[str, Settings] = {
    "demo": Settings(
        radio=Radio(dead_reader_per_day=0.01),
        dirt=Dirt(
            unknown_item=0.003,
            malformed=0.001,
            wrong_clock=0.001,
            duplicate=0.003,
            late=0.01,
        ),
    ),
    "hard": _BELIEF,
    "easy": replace(
        _BELIEF,
        radio=Radio(
            spread=300.0,
            skip_share=0.0,
            stray_share=0.0,
            untagged_share=0.0,
            double_share=0.0,
            overhead_minutes=None,
            exit_reader=False,
            sections_told=False,
        ),
    ),
}
