"""One identity per tag, place, word and event, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import (
    ItemUri,
    PlaceUri,
    canonical_epc,
    cbv_word,
    check_digit,
    encode_sgtin96,
    epc_to_gtin14,
    event_key,
    gtin14,
    has_valid_check_digit,
    item_uri,
    place_uri,
    read_epc,
)

CANONICAL = "(01)80614141123458(21)6789"


@pytest.mark.parametrize(
    "text",
    [
        "3074257BF7194E4000001A85",
        "3074257bf7194e4000001a85",
        " 3074257BF7194E4000001A85\n",
        "urn:epc:id:sgtin:0614141.812345.6789",
        "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
        "https://id.gs1.org/01/80614141123458/21/6789",
        "http://shop.example.com/some/01/path/01/80614141123458/10/LOT/21/6789?17=261231#x",
        CANONICAL,
    ],
)
def test_one_tag_has_one_identity_however_it_is_written(text: str) -> None:
    assert canonical_epc(text) == CANONICAL
    assert epc_to_gtin14(text) == "80614141123458"


@given(st.integers(0, 2**38 - 1), st.integers(0, 999_999))
def test_hex_urn_and_digital_link_are_one_tag(serial: int, item: int) -> None:
    reference = f"{item:06}"
    digits = reference[0] + "0614141" + reference[1:]
    gtin = f"{digits}{check_digit(digits)}"
    written = {
        encode_sgtin96(gtin, 7, serial),
        f"urn:epc:id:sgtin:0614141.{reference}.{serial}",
        f"https://id.gs1.org/01/{gtin}/21/{serial}",
    }
    assert {canonical_epc(text) for text in written} == {f"(01){gtin}(21){serial}"}


def test_escapes_in_serials_are_undone() -> None:
    assert canonical_epc("urn:epc:id:sgtin:0614141.812345.a%2Fb") == "(01)80614141123458(21)a/b"
    assert canonical_epc("https://id.gs1.org/01/80614141123458/21/a%2Fb") == "(01)80614141123458(21)a/b"


@pytest.mark.parametrize(
    ("text", "canonical", "reason"),
    [
        ("e28011606000020477a5d1b6", "E28011606000020477A5D1B6", "epc_unprogrammed"),
        ("urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:sscc:0614141.1234567890", "epc_other_key"),
        ("urn:epc:id:sgtin:0614141.81.1", "urn:epc:id:sgtin:0614141.81.1", "epc_malformed"),
        ("https://id.gs1.org/00/106141412345678908", "https://id.gs1.org/00/106141412345678908", "epc_other_key"),
        ("shop tag 17", "shop tag 17", "epc_not_hex"),
    ],
)
def test_what_is_no_item_keeps_its_own_text(text: str, canonical: str, reason: str) -> None:
    epc = read_epc(text)
    assert (epc.id, epc.gtin, epc.reason) == (canonical, None, reason)
    assert epc.problem


@given(st.text())
def test_reading_a_tag_never_fails_and_its_identity_is_stable(text: str) -> None:
    once = canonical_epc(text)
    assert canonical_epc(once) == once


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("urn:epc:class:lgtin:4012345.012345.998877", ItemUri("04012345123456", None)),
        ("urn:epc:idpat:sgtin:4012345.012345.*", ItemUri("04012345123456", None)),
        ("https://id.gs1.org/01/04012345123456/10/998877", ItemUri("04012345123456", None)),
        ("https://example.com/gtin/4012345123456/ser/7", ItemUri("04012345123456", "7")),
        ("https://example.com/01/12345", None),
        ("urn:epc:idpat:grai:4012345.66666.*", None),
        ("ftp://id.gs1.org/01/04012345123456", None),
    ],
)
def test_classes_and_links(text: str, item: ItemUri | None) -> None:
    assert item_uri(text) == item


@pytest.mark.parametrize(
    ("text", "place"),
    [
        # 952132100001: 3*(1+0+0+2+1+5) + (0+0+1+3+2+9) = 27 + 15 = 42, and 8 fill up to 50
        ("urn:epc:id:sgln:9521321.00001.0", PlaceUri("9521321000018")),
        ("urn:epc:id:sgln:9521321.00001.dock-4", PlaceUri("9521321000018", "dock-4")),
        ("urn:epc:id:pgln:9521321.00001", PlaceUri("9521321000018")),
        ("https://id.gs1.org/414/9521321000018", PlaceUri("9521321000018")),
        ("https://example.com/x/414/9521321000018/254/dock-4", PlaceUri("9521321000018", "dock-4")),
        ("https://id.gs1.org/417/9521321000018", PlaceUri("9521321000018")),
        ("urn:epc:id:sgln:9521321.001.0", None),
        ("geo:42.69,23.32", None),
        ("https://id.gs1.org/414/123", None),
    ],
)
def test_places(text: str, place: PlaceUri | None) -> None:
    assert place_uri(text) == place


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("receiving", "receiving"),
        ("https://ref.gs1.org/cbv/BizStep-receiving", "receiving"),
        ("urn:epcglobal:cbv:bizstep:receiving", "receiving"),
        ("cbv:BizStep-receiving", "receiving"),
        ("https://ref.gs1.org/cbv/Disp-in_transit", "in_transit"),
        ("urn:epcglobal:cbv:sdt:owning_party", "owning_party"),
        ("https://ref.gs1.org/cbv/BTT-po", "po"),
        ("https://example.com/bizStep/inspecting", "https://example.com/bizStep/inspecting"),
        ("", ""),
    ],
)
def test_vocabulary_words(text: str, word: str) -> None:
    assert cbv_word(text) == word


def test_gtins_have_fourteen_digits() -> None:
    assert gtin14("96385074") == "00000096385074"
    assert has_valid_check_digit("96385074")  # the GS1 General Specifications' example of a GTIN-8
    assert not has_valid_check_digit("96385075")


PARTS = st.lists(st.text(alphabet=st.sampled_from("ab\x1f\x1e01")), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_different_parts_have_different_keys(some: list[str], others: list[str]) -> None:
    assert (event_key(*some) == event_key(*others)) == (some == others)


@given(st.lists(st.one_of(st.text(), st.integers()), min_size=1))
def test_keys_fit_unsigned_64_bits(parts: list[str | int]) -> None:
    assert 0 <= event_key(*parts) < 2**64


def test_keys_do_not_change_between_releases() -> None:
    """The key is blake2b-64 of the parts with 0x1F between, as ``b2sum -l 64`` prints it of ``a\\x1f1``."""
    assert event_key("a", 1) == event_key("a", "1") == 0x8181C16B4AD83CC1
