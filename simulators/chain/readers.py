"""RFID readers: fixed ones that sweep their zone now and again, one at the door, and handhelds."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from schemas import topics
from simulators.chain import devices, dialects
from simulators.chain.agenda import DAY, MINUTE, next_time_of_day
from simulators.chain.devices import BACK, EXIT, FITTING, FLOOR, SECTIONS
from simulators.chain.dialects import Read
from simulators.chain.stock import Unit
from simulators.chain.till import CLOSES, OPENS
from simulators.chain.world import World

READS_A_MESSAGE = 40
REAL_RSSI_DBM, STRAY_RSSI_DBM = (-50.0, 6.0), (-62.0, 5.0)
HANDHELD_AT = CLOSES + 10 * MINUTE

_SWEEP_MS = {"overhead": 30_000, "handheld": 20 * MINUTE}
_HEARD_TWICE = 0.2
_HEARD_AT_DOOR = 0.9
_GHOSTS_A_STORE = 60
_GHOST_SHARE = 0.4
_UNSET_CLOCK_MS = 86_400_000
_STEP_MS = 250

Write = Callable[[str, list[Read]], Any]
DIALECTS: dict[str, Write] = {
    FLOOR: dialects.impinj,
    BACK: dialects.zebra,
    FITTING: dialects.neutral,
    EXIT: dialects.impinj,
}


class Readers:
    """Hears tags; what it hears is all that leaves this class."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._heard_from_ms = 0
        articles = len(world.assortment.articles)
        self._ghosts = [
            [world.factory.tag(int(world.random.random() * articles)) for _ in range(_GHOSTS_A_STORE)]
            for _ in world.assortment.stores
        ]

    def begin(self, at_ms: int) -> None:
        radio, agenda = self._world.settings.radio, self._world.agenda
        self._heard_from_ms = at_ms + self._world.settings.devices_after_days * DAY
        for store in self._world.assortment.stores:
            if radio.overhead_minutes is not None:
                first_ms = next_time_of_day(self._heard_from_ms, OPENS) + store * MINUTE
                agenda.every(first_ms, DAY, partial(self._day_of_overhead, store))
            if radio.handheld_days is not None:
                first_ms = next_time_of_day(self._heard_from_ms, HANDHELD_AT) + store % radio.handheld_days * DAY
                agenda.every(first_ms, radio.handheld_days * DAY, partial(self._count, store))

    def leave(self, store: int, units: list[Unit], at_ms: int) -> None:
        """Units go through the door a minute or so after ``at_ms``; the exit reader hears most of them."""
        world = self._world
        if not world.settings.radio.exit_reader or at_ms < self._heard_from_ms:
            return
        door_ms = at_ms + world.between(0.3 * MINUTE, 2 * MINUTE)
        tags = [epc for unit in units for epc, _ in unit.tags if world.chance(_HEARD_AT_DOOR)]
        if tags:
            reads = [self._read(epc, REAL_RSSI_DBM, 1, door_ms) for epc in tags]
            self._say(devices.exit_reader(world.site(store)), DIALECTS[EXIT], reads, "exit_reads")

    def _day_of_overhead(self, store: int, at_ms: int) -> None:
        period_ms = (self._world.settings.radio.overhead_minutes or 60) * MINUTE
        for zone in self._world.settings.radio.overhead_zones:
            reader = devices.overhead(self._world.site(store))[zone]
            sweep = partial(self._sweep, store, zone, reader, DIALECTS[zone], "overhead")
            for sweep_ms in range(at_ms, self._silent_from(at_ms), period_ms):
                self._world.agenda.at(sweep_ms, sweep)

    def _silent_from(self, opens_ms: int) -> int:
        """Closing time, or some time before it when the reader dies."""
        world, closes_ms = self._world, opens_ms + CLOSES - OPENS
        if not world.chance(world.settings.radio.dead_reader_per_day):
            return closes_ms
        world.happened["dead_readers"] += 1
        return world.between(opens_ms, closes_ms)

    def _count(self, store: int, at_ms: int) -> None:
        site = self._world.site(store)
        for zone in devices.HANDHELD_ZONES:
            self._sweep(store, zone, devices.handheld(site, zone), dialects.neutral, "handheld", at_ms)

    def _sweep(self, store: int, zone: str, reader: str, write: Write, kind: str, at_ms: int) -> None:
        """One sweep: its start, what is heard section by section, its end."""
        world = self._world
        skipped = [world.chance(world.settings.radio.skip_share) for _ in range(SECTIONS)]
        world.happened["sweeps"] += 1
        world.happened["sections_skipped"] += sum(skipped)
        deaf = world.chance(world.settings.radio.deaf_sweep_share)
        world.happened["deaf_sweeps"] += deaf
        heard = [] if deaf else self._heard(world.stock[store].in_zone(zone), skipped)
        strays = self._strays(store, zone, len(heard))
        lasts_ms = _SWEEP_MS[kind]
        reads = self._reads(heard, strays, at_ms, lasts_ms)
        end_ms = at_ms + lasts_ms
        self._tell(reader, "sweep_started", at_ms)
        for begin in range(0, len(reads), READS_A_MESSAGE):
            self._say(reader, write, reads[begin : begin + READS_A_MESSAGE], f"{kind}_reads")
        if kind == "handheld" and world.settings.radio.sections_told:
            for section in range(SECTIONS):
                if not skipped[section]:
                    self._tell(reader, "section_read", end_ms, section=f"{zone}-{section + 1}")
        self._tell(reader, "sweep_ended", end_ms, tags_heard=len({read.epc for read in reads}))

    def _heard(self, units: Iterable[Unit], skipped: list[bool]) -> list[tuple[str, int]]:
        """Tags that are heard with the sections they are in."""
        articles = self._world.assortment.articles
        tags = [
            (epc, section, logit)
            for unit in units
            if not skipped[section := articles[unit.article].style_number % SECTIONS]
            for epc, logit in unit.tags
        ]
        generator, radio = self._world.generator, self._world.settings.radio
        shift = generator.normal(0, radio.sweep_logit_sd)
        rates = 1 / (1 + np.exp(-(np.array([logit for _, _, logit in tags]) + shift)))
        hits = np.flatnonzero(generator.random(len(tags)) < rates)
        return [tags[hit][:2] for hit in hits.tolist()]

    def _strays(self, store: int, zone: str, heard: int) -> list[str]:
        """Tags heard that are not in the zone: the neighbouring zone's, and some that are nobody's stock here."""
        world = self._world
        share = world.settings.radio.stray_share
        wanted = int(world.generator.poisson(heard * share / (1 - share)))
        other = BACK if zone != BACK else FLOOR
        near = [unit.tags[0][0] for unit in world.stock[store].in_zone(other) if unit.tags] if wanted else []
        ghosts = self._ghosts[store]
        strays = [
            world.random.choice(ghosts if not near or world.chance(_GHOST_SHARE) else near) for _ in range(wanted)
        ]
        world.happened["strays"] += len(strays)
        return strays

    def _reads(self, heard: list[tuple[str, int]], strays: list[str], at_ms: int, lasts_ms: int) -> list[Read]:
        """In the order of time, some tags twice."""
        generator = self._world.generator
        again = [tag for tag in heard if self._world.random.random() < _HEARD_TWICE]
        tags = heard + again + [(epc, int(self._world.random.random() * SECTIONS)) for epc in strays]
        real = len(heard) + len(again)
        rssi = np.concatenate(
            [generator.normal(*REAL_RSSI_DBM, size=real), generator.normal(*STRAY_RSSI_DBM, size=len(strays))]
        ).round(1)
        steps = generator.integers(0, lasts_ms // _STEP_MS, len(tags))
        order = np.argsort(steps, kind="stable").tolist()
        times, signal = (steps * _STEP_MS + at_ms).tolist(), rssi.tolist()
        return [Read(tags[place][0], tags[place][1] + 1, signal[place], times[place]) for place in order]

    def _read(self, epc: str, rssi: tuple[float, float], antenna: int, at_ms: int) -> Read:
        return Read(epc, antenna, round(self._world.random.gauss(*rssi), 1), at_ms)

    def _say(self, reader: str, write: Write, reads: list[Read], kind: str) -> None:
        world, sent_ms = self._world, reads[-1].seen_at_ms
        world.outbox.say(topics.RFID, reader, write(reader, reads), sent_ms, kind)
        if world.chance(world.settings.dirt.wrong_clock):
            wrong = [read._replace(seen_at_ms=_UNSET_CLOCK_MS) for read in reads]
            world.outbox.say_wrong(topics.RFID, reader, write(reader, wrong), sent_ms, "wrong_clock")

    def _tell(self, reader: str, what: str, at_ms: int, **more: Any) -> None:
        message = dialects.event(reader, what, at_ms, **more)
        self._world.outbox.say(topics.RFID, reader, message, at_ms, what)
