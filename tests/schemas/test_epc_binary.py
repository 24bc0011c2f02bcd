"""SGTIN-96 and SGTIN-198 against two independent implementations, pyepc and epcpy."""

import string
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.epc_binary import PARTITIONS, Sgtin, decode_sgtin, encode_sgtin96
from schemas.epc_keys import check_digit
from schemas.errors import RejectedReading

with warnings.catch_warnings():  # both libraries compile with invalid escape sequences
    warnings.simplefilter("ignore")
    import pyepc
    from epcpy import hex_to_tag_encodable
    from epcpy.epc_schemes.sgtin import SGTIN, SGTINFilterValue

SERIAL_LETTERS = string.ascii_letters + string.digits + "-."


@st.composite
def sgtins(draw: st.DrawFn, serial: st.SearchStrategy[str]) -> Sgtin:
    """Any SGTIN of any partition of the table."""
    _, company_digits, _, item_digits = draw(st.sampled_from(PARTITIONS))
    company = draw(st.integers(0, 10**company_digits - 1))
    item = draw(st.integers(0, 10**item_digits - 1))
    filter_value = draw(st.sampled_from([value.value for value in SGTINFilterValue]))
    return Sgtin(f"{company:0{company_digits}}", f"{item:0{item_digits}}", draw(serial), int(filter_value))


NUMBERS = st.integers(0, 2**38 - 1).map(str)
TEXTS = st.text(SERIAL_LETTERS, min_size=1, max_size=20)


def urn(sgtin: Sgtin) -> str:
    return f"urn:epc:id:sgtin:{sgtin.company_prefix}.{sgtin.item_reference}.{sgtin.serial}"


@given(sgtins(NUMBERS))
def test_encoding_agrees_with_epcpy(sgtin: Sgtin) -> None:
    ours = encode_sgtin96(sgtin.gtin, len(sgtin.company_prefix), int(sgtin.serial), sgtin.filter)
    theirs = SGTIN(urn(sgtin)).hex(
        binary_coding_scheme=SGTIN.BinaryCodingScheme.SGTIN_96, filter_value=SGTINFilterValue(str(sgtin.filter))
    )
    assert ours == theirs


@given(sgtins(NUMBERS))
def test_decoding_undoes_encoding(sgtin: Sgtin) -> None:
    encoded = encode_sgtin96(sgtin.gtin, len(sgtin.company_prefix), int(sgtin.serial), sgtin.filter)
    assert decode_sgtin(encoded) == sgtin
    assert decode_sgtin(encoded.lower()) == sgtin


@given(sgtins(NUMBERS))
def test_decoding_agrees_with_both(sgtin: Sgtin) -> None:
    encoded = encode_sgtin96(sgtin.gtin, len(sgtin.company_prefix), int(sgtin.serial), sgtin.filter)
    decoded = decode_sgtin(encoded)
    by_pyepc = pyepc.decode(encoded)
    assert decoded.gtin == by_pyepc.gtin == hex_to_tag_encodable(encoded).gs1_key()
    assert urn(decoded) == by_pyepc.pure_identity_uri == hex_to_tag_encodable(encoded).epc_uri


@given(sgtins(TEXTS))
def test_sgtin_198_agrees_with_epcpy(sgtin: Sgtin) -> None:
    encoded = SGTIN(urn(sgtin)).hex(
        binary_coding_scheme=SGTIN.BinaryCodingScheme.SGTIN_198, filter_value=SGTINFilterValue(str(sgtin.filter))
    )
    assert decode_sgtin(encoded) == sgtin


@given(st.integers(0, 2**88 - 1))
def test_any_bits_decode_as_by_pyepc_or_are_rejected(bits: int) -> None:
    text = f"{0x30 << 88 | bits:024X}"
    ours = reason_or_gtin(text)
    assert ours in {"epc_partition", "epc_range"} or ours == pyepc.decode(text).gtin


def reason_or_gtin(text: str) -> str:
    try:
        return decode_sgtin(text).gtin
    except RejectedReading as rejected:
        return rejected.reason


def test_the_standards_own_example() -> None:
    assert decode_sgtin("3074257BF7194E4000001A85") == Sgtin("0614141", "812345", "6789", 3)
    assert decode_sgtin("3074257BF7194E4000001A85").gtin == "80614141123458"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "epc_not_hex"),
        ("hello world", "epc_not_hex"),
        ("30_4257BF7194E4000001A85", "epc_not_hex"),
        ("٣٠74257BF7194E4000001A85", "epc_not_hex"),
        ("3074257BF7194E4000001A", "epc_length"),
        ("E28011606000020477A5D1B6", "epc_unprogrammed"),
        ("000000000000000000000000", "epc_unprogrammed"),
        ("3174257BF4499602D2000000", "epc_other_key"),
        ("F74257BF7194E4000001A850", "epc_unsupported"),
        ("FB4257BF7194E4000001A850", "epc_unsupported"),
        ("AA74257BF7194E4000001A85", "epc_header"),
        ("307C257BF7194E4000001A85", "epc_partition"),
        ("3077FFFFFF194E4000001A85", "epc_range"),
    ],
)
def test_what_is_no_sgtin_is_rejected_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(RejectedReading) as caught:
        decode_sgtin(text)
    assert (caught.value.reason, caught.value.field, caught.value.value) == (reason, "epc", text)


@pytest.mark.parametrize(
    ("gtin", "digits", "serial", "filter_value"),
    [
        ("80614141123457", 7, 1, 1),  # the check digit is 8
        ("80614141123458", 5, 1, 1),
        ("80614141123458", 13, 1, 1),
        ("80614141123458", 7, 2**38, 1),
        ("80614141123458", 7, -1, 1),
        ("80614141123458", 7, 1, 8),
        ("GTIN", 7, 1, 1),
    ],
)
def test_what_does_not_fit_cannot_be_encoded(gtin: str, digits: int, serial: int, filter_value: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode_sgtin96(gtin, digits, serial, filter_value)


def test_the_largest_serial_can_be_encoded() -> None:
    assert decode_sgtin(encode_sgtin96("80614141123458", 7, 2**38 - 1)).serial == "274877906943"


@given(st.text(string.digits, min_size=7, max_size=13))
def test_a_key_with_its_check_digit_sums_to_a_multiple_of_ten(digits: str) -> None:
    key = digits + str(check_digit(digits))
    weights = [3 if place % 2 else 1 for place in range(len(key))]
    assert sum(weight * int(digit) for weight, digit in zip(weights, reversed(key), strict=True)) % 10 == 0
