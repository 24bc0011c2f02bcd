"""GS1 keys as numbers: GTINs and GLNs with their check digit."""

GTIN_LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> int:
    """The GS1 check digit of a key's other digits (GS1 General Specifications, 7.9).

    From the right the digits weigh 3, 1, 3, ...; the check digit fills up to ten.

    >>> check_digit("8061414112345")
    8
    """
    threes = sum(map(int, digits[-1::-2]))
    ones = sum(map(int, digits[-2::-2]))
    return -(3 * threes + ones) % 10


def has_valid_check_digit(key: str) -> bool:
    """Whether the last digit is the check digit of the ones before it."""
    return is_digits(key) and len(key) > 1 and check_digit(key[:-1]) == int(key[-1])


def is_digits(text: str) -> bool:
    """Whether the text is ASCII digits only; ``str.isdigit`` also takes other scripts."""
    return text.isascii() and text.isdigit()


def gtin14(gtin: str) -> str:
    """A GTIN of 8 to 14 digits in its 14-digit form; the check digit is not looked at.

    >>> gtin14("4006381333931")
    '04006381333931'
    """
    return gtin.zfill(14)
