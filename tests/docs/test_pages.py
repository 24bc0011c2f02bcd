"""Commands, links, examples and files that the pages name are there."""

import json
import re
import shlex
from pathlib import Path

import click
import msgspec
import pytest
import typer.main

from docs import generate
from inventory.replenishment.rounding import round_up
from restockd.cli import app
from restockd.configuration import known
from schemas.facts import Reorder
from schemas.readings.pos import Basket
from tests.docs.blocks import PAGES, ROOT, blocks

README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
COMMANDS = sorted(
    {
        line.split("#")[0].split("|")[0].strip()
        for page in PAGES
        for shell in blocks(page, "sh")
        for line in shell.splitlines()
        if line.startswith("restockd ")
    }
)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_every_page_is_found() -> None:
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "operations.md"} <= {page.name for page in PAGES}
    assert len(COMMANDS) > 10


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_one_of_ours_with_its_options(line: str) -> None:
    command, arguments = typer.main.get_command(app), shlex.split(line)[1:]
    while isinstance(command, click.Group):
        command = command.commands[arguments.pop(0)]
    command.make_context(command.name, arguments)


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@every_page
def test_no_machine_is_named(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(?:work|home|root|tmp|Users)/", text)


@every_page
def test_settings_that_are_named_exist(page: Path) -> None:
    groups = "|".join(sorted({name.split(".", maxsplit=1)[0] for name in known()} - {"console", "topics"}))
    named = set(re.findall(rf"`((?:{groups})\.[a-z_]+)`", page.read_text(encoding="utf-8")))
    assert named <= set(known())


def test_tests_and_folders_that_are_named_exist() -> None:
    for name in re.findall(r"`((?:tests/)?[a-z0-9_/]+(?:\.py|/))`", TEXT):
        assert (ROOT / name).exists(), name


def test_every_folder_has_its_line() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"deploy", "docs", "tests"}
    assert {f"`{name}/`" for name in packages} <= set(re.findall(r"^\| (`[a-z]+/`) \|", TEXT, re.MULTILINE))


def test_each_of_the_nine_laws_is_there() -> None:
    assert re.findall(r"^\| (\d) \|", TEXT, re.MULTILINE) == [str(number) for number in range(1, 10)]


def test_the_basket_is_one() -> None:
    basket = Basket.model_validate_json(blocks(README, "json")[0])
    assert [line.quantity for line in basket.lines] == [1, 1]


def test_the_order_is_one_and_follows_from_its_inputs() -> None:
    told = blocks(README, "json")[1]
    order = msgspec.json.decode(told, type=Reorder)
    assert msgspec.json.decode(msgspec.json.encode(order)) == json.loads(told)
    used = order.inputs
    assert used is not None
    assert used.inventory_position == max(used.on_hand, 0) + used.on_order - used.reserved <= used.reorder_point
    assert used.need_units == used.order_up_to_level - used.inventory_position
    assert order.quantity == round_up(used.need_units, used.minimum_order_units, used.pack_units)


def test_the_markers_of_the_generated_table_are_kept() -> None:
    assert TEXT.count(generate.BEGIN) == TEXT.count(generate.END) == 1
