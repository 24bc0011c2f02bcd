"""SGTINs as tags carry them: 96 or 198 bits, read and written by integer arithmetic.

GS1 EPC Tag Data Standard 2.1, sections 14.6.1 (SGTIN) and 14.2 (headers).
"""

from typing import NamedTuple

from schemas.epc_keys import check_digit, gtin14, has_valid_check_digit, is_digits
from schemas.errors import RejectedReading

SGTIN_96 = 0x30
SGTIN_198 = 0x36
UNPROGRAMMED = frozenset({0x00, 0xE0, 0xE2})
OTHER_KEYS = frozenset({0x2C, 0x2D, 0x2E, 0x2F, *range(0x31, 0x36), *range(0x37, 0x43)})
NEWER_SGTINS = frozenset({0xF7, 0xFB})

# partition -> (bits, digits) of the company prefix, (bits, digits) of indicator and item reference
PARTITIONS = (
    (40, 12, 4, 1),
    (37, 11, 7, 2),
    (34, 10, 10, 3),
    (30, 9, 14, 4),
    (27, 8, 17, 5),
    (24, 7, 20, 6),
    (20, 6, 24, 7),
)
_PARTITION_OF_DIGITS = {row[1]: number for number, row in enumerate(PARTITIONS)}
_SERIAL_BITS = 38


class Sgtin(NamedTuple):
    """One tagged item. ``item_reference`` starts with the indicator digit, as in the URN."""

    company_prefix: str
    item_reference: str
    serial: str
    filter: int = 0

    @property
    def gtin(self) -> str:
        """The GTIN-14: indicator, company prefix, item reference, check digit."""
        digits = self.item_reference[0] + self.company_prefix + self.item_reference[1:]
        return f"{digits}{check_digit(digits)}"


def decode_sgtin(epc_hex: str) -> Sgtin:
    """The SGTIN in a tag's memory bank, given as hex.

    Raises ``RejectedReading`` with field ``epc`` and a reason per kind of fault:
    ``epc_not_hex``, ``epc_length``, ``epc_unprogrammed`` (blank, or a chip's TID),
    ``epc_other_key`` (a pallet, asset ...), ``epc_unsupported`` (SGTIN+, DSGTIN+),
    ``epc_header``, ``epc_partition``, ``epc_range``.
    """
    bits = _bits(epc_hex)
    header = int(epc_hex[:2], 16)
    if header == SGTIN_96 and len(epc_hex) == 24:
        return _decode_96(bits, epc_hex)
    if header == SGTIN_198 and len(epc_hex) in (50, 52):
        return _decode_198(bits >> (4 * len(epc_hex) - 198), epc_hex)
    raise _header_fault(header, epc_hex)


def encode_sgtin96(gtin: str, company_prefix_digits: int, serial: int, filter_value: int = 1) -> str:
    """The 24 hex digits of an SGTIN-96 tag; the inverse of :func:`decode_sgtin`.

    ``gtin`` has 8 to 14 digits with a right check digit, the company prefix 6 to
    12, the serial fits 38 bits, the filter 3 (1 = point-of-sale item). Raises
    ``ValueError`` otherwise.

    >>> encode_sgtin96("80614141123458", 7, 6789, filter_value=3)
    '3074257BF7194E4000001A85'
    """
    _require_encodable(gtin, company_prefix_digits, serial, filter_value)
    digits = gtin14(gtin)
    partition = _PARTITION_OF_DIGITS[company_prefix_digits]
    company_bits, _, item_bits, _ = PARTITIONS[partition]
    company = int(digits[1 : 1 + company_prefix_digits])
    item = int(digits[0] + digits[1 + company_prefix_digits : 13])
    bits = SGTIN_96 << 6 | filter_value << 3 | partition
    bits = (bits << company_bits | company) << item_bits | item
    return f"{bits << _SERIAL_BITS | serial:024X}"


def _require_encodable(gtin: str, company_prefix_digits: int, serial: int, filter_value: int) -> None:
    if not (8 <= len(gtin) <= 14 and has_valid_check_digit(gtin)):
        raise ValueError(f"{gtin!r} is not a GTIN of 8 to 14 digits with a right check digit")
    if company_prefix_digits not in _PARTITION_OF_DIGITS:
        raise ValueError(f"a company prefix has 6 to 12 digits, not {company_prefix_digits}")
    if not 0 <= serial < 1 << _SERIAL_BITS:
        raise ValueError(f"serial {serial} does not fit 38 bits")
    if not 0 <= filter_value < 8:
        raise ValueError(f"filter {filter_value} does not fit 3 bits")


def _bits(epc_hex: str) -> int:
    if not (epc_hex.isascii() and epc_hex.isalnum()) or len(epc_hex) < 2:
        raise _fault("epc_not_hex", "is not hexadecimal", epc_hex)
    try:
        return int(epc_hex, 16)
    except ValueError:
        raise _fault("epc_not_hex", "is not hexadecimal", epc_hex) from None


def _decode_96(bits: int, epc_hex: str) -> Sgtin:
    company, item = _company_and_item(bits >> _SERIAL_BITS, epc_hex)
    serial = bits & ((1 << _SERIAL_BITS) - 1)
    return Sgtin(company, item, str(serial), bits >> 85 & 7)


def _decode_198(bits: int, epc_hex: str) -> Sgtin:
    company, item = _company_and_item(bits >> 140, epc_hex)
    septets = [bits >> shift & 0x7F for shift in range(133, -1, -7)]
    serial = bytes(septets).rstrip(b"\0").decode("ascii")
    if not serial or "\0" in serial or not serial.isprintable():
        raise _fault("epc_range", "has a serial number that is not printable text", epc_hex)
    return Sgtin(company, item, serial, bits >> 187 & 7)


def _company_and_item(bits: int, epc_hex: str) -> tuple[str, str]:
    """Company prefix and item reference from the header, filter, partition and 44 bits."""
    partition = bits >> 44 & 7
    if partition == 7:
        raise _fault("epc_partition", "has the undefined partition value 7", epc_hex)
    company_bits, company_digits, item_bits, item_digits = PARTITIONS[partition]
    company = bits >> item_bits & ((1 << company_bits) - 1)
    item = bits & ((1 << item_bits) - 1)
    if company >= 10**company_digits or item >= 10**item_digits:
        raise _fault("epc_range", "holds more than its decimal digits allow", epc_hex)
    return str(company).zfill(company_digits), str(item).zfill(item_digits)


def _header_fault(header: int, epc_hex: str) -> RejectedReading:
    name = f"header 0x{header:02X}"
    if header in (SGTIN_96, SGTIN_198):
        return _fault("epc_length", f"has {len(epc_hex)} hex digits, which {name} does not have", epc_hex)
    if header in UNPROGRAMMED:
        return _fault("epc_unprogrammed", f"starts with {name}: a blank tag or a chip's own id", epc_hex)
    if header in OTHER_KEYS:
        return _fault("epc_other_key", f"starts with {name}: not an item but a box, asset or place", epc_hex)
    if header in NEWER_SGTINS:
        return _fault("epc_unsupported", f"starts with {name}: SGTIN+ and DSGTIN+ are not supported", epc_hex)
    return _fault("epc_header", f"starts with {name}, which no EPC scheme has", epc_hex)


def _fault(reason: str, problem: str, epc_hex: str) -> RejectedReading:
    shown = epc_hex[:64]
    return RejectedReading(reason, f"EPC {shown} {problem}", field="epc", value=shown)


def is_hex(text: str) -> bool:
    """Whether the text looks like a tag's memory: an even number of hex digits, 8 or more."""
    return len(text) >= 8 and len(text) % 2 == 0 and text.isascii() and text.isalnum() and _parses(text)


def _parses(text: str) -> bool:
    try:
        int(text, 16)
    except ValueError:
        return False
    return True


def is_pure_urn_sgtin(company_prefix: str, item_reference: str) -> bool:
    """Whether the two parts of an SGTIN URN are digits of the right lengths."""
    row = _PARTITION_OF_DIGITS.get(len(company_prefix))
    return (
        row is not None
        and len(item_reference) == PARTITIONS[row][3]
        and is_digits(company_prefix)
        and is_digits(item_reference)
    )
