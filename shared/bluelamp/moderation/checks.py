"""Checks that a personal-data match has to pass, each from the published form of the number.

They keep false alarms down: any sixteen digits look like a card, one in ten of them has a right Luhn digit.
"""

import re
from collections.abc import Callable

_CARD_LENGTHS = range(13, 20)
_TEN = 10
_PHONE_LENGTHS = (10, 11)
# GOV.UK, NIM39110: prefixes that are never allocated.
_NI_NEVER = frozenset({"bg", "gb", "nk", "kn", "tn", "nt", "zz"})
# Emergency services, Crimestoppers, Childline, Samaritans and Action Fraud are nobody's own number.
_PUBLIC_NUMBERS = ("101", "111", "112", "999", "0800555111", "08001111", "116123", "03001231212")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ORDINALS = frozenset({"1st", "2nd", "3rd", *(f"{digit}th" for digit in "0456789")})
_WORDS = re.compile(r"(?<![0-9a-z])[a-z][a-z'.]*")
_BEFORE_NUMBER = frozenset({"flat", "apartment", "apt", "unit", "no", "no.", "number"})
_NO_STREET = _words(
    "in on of the a an at from to down up along off near by for with and or that this my your his her our their it "
    "is was were are be been has have had mph mins min minutes hours hour hrs am pm day days week weeks month months "
    "year years yrs miles mile metres yards km m men man women people lads lad kids children cars car vans bikes "
    "police officers cops times more per percent grand quid pounds lots every when while into outside inside via "
    "last next who which where going about some any no not so but than then too very just"
)
_COMMON_WORDS = _words(
    "the and for are but not you all any can had her was one our out day get has him his how man new now old see two "
    "way who boy did its let put say she too use cor off car bus van cop pcs mph hrs pub run sat sun mon tue wed thu "
    "fri jan feb mar apr may jun jul aug sep oct nov dec end far near ago big bad lot lad got"
)
_MARK_LETTERS = 5
_LEAST_MARK = 6


def luhn(text: str) -> bool:
    """Tell whether the digits are a possible payment card number (ISO/IEC 7812-1, annex B)."""
    digits = [int(sign) for sign in text if sign.isdecimal()]
    if len(digits) not in _CARD_LENGTHS or len(set(digits)) == 1:
        return False
    doubled = (2 * digit - 9 if 2 * digit >= _TEN else 2 * digit for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % _TEN == 0


def ni_number(text: str) -> bool:
    """Tell whether the prefix of a National Insurance number can be allocated."""
    return "".join(sign for sign in text if sign.isalnum())[:2].lower() not in _NI_NEVER


def uk_phone(text: str) -> bool:
    """Tell whether the digits are a UK subscriber's number and not a public service's."""
    digits = "".join(sign for sign in text if sign.isdecimal())
    for prefix in ("0044", "44"):
        if digits.startswith(prefix):
            digits = "0" + digits.removeprefix(prefix).lstrip("0")
    return len(digits) in _PHONE_LENGTHS and digits not in _PUBLIC_NUMBERS and digits[1:2] != "0"


def not_official_mail(text: str) -> bool:
    """Tell whether an address may be a person's: those of the police and of government are published."""
    return not text.lower().rstrip(".").endswith((".police.uk", ".gov.uk", "crimestoppers-uk.org"))


def postcode(text: str) -> bool:
    """Tell a postcode from a road and an ordinal: "A5 1st exit", "M1 2nd lane"."""
    return text[-3:] not in _ORDINALS


def address(text: str) -> bool:
    """Tell a house number and a street from "30 mph on the road" and "2 men in the street"."""
    words = [word for word in _WORDS.findall(text.lower()) if word not in _BEFORE_NUMBER]
    return not _NO_STREET.intersection(words[:-1])


def vehicle_mark(text: str) -> bool:
    """Tell a registration mark from "M25 and", "up10 the": by capitals, or by no gap and no common word."""
    letters = [sign for sign in text if sign.isalpha()]
    gap = any(sign in " -" for sign in text)
    tail = "".join(letters).lower()
    if tail[-3:] in _COMMON_WORDS or tail[:3] in _COMMON_WORDS:
        return False
    if all(sign.isupper() for sign in letters):
        return True
    current_style = len(letters) == _MARK_LETTERS and text[2:4].isdecimal()
    return current_style or (not gap and len(letters) >= _MARK_LETTERS - 1 and len(text) >= _LEAST_MARK)


CHECKS: dict[str, Callable[[str], bool]] = {
    "address": address,
    "luhn": luhn,
    "ni_number": ni_number,
    "not_official_mail": not_official_mail,
    "postcode": postcode,
    "uk_phone": uk_phone,
    "vehicle_mark": vehicle_mark,
}
