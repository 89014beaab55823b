# ruff: noqa: RUF001, S311 - look-alike letters are meant, and the generators are seeded on purpose
"""Seeded corpora: UK personal data as people write it, ordinary posts full of numbers, and words in disguise.

Forms come from the published formats, disguises from what is seen in posts. Whoever wrote them knew the detectors, so
real posts will do worse: these are floors against getting worse.
"""

import random
import string

_NAMES = ("dave", "her", "this lad", "Mr Example", "the copper", "my ex", "that woman")
_STREETS = ("Mill", "Station", "Church", "Victoria", "St Mary's", "Old Farm", "Kings", "Long Meadow", "Beech")
_ROADS = ("Road", "Street", "Lane", "Close", "Avenue", "rd", "st", "Crescent", "Drive", "Gardens", "Terrace")
_AREAS = ("ZE1", "SW1A", "M1", "B33", "CR2", "DN55", "W1A", "EC1A", "LS11", "GU16", "PO9")
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"
_MARK = "ABCDEFGHJKLMNOPRSTUVWXY"
_BY_MAIL = ("jo", "sam.example", "a_smith99", "kt+police", "bigdave1987")
_HOSTS = ("example.com", "example.org", "mail.example.co.uk", "gmail.com", "hotmail.co.uk")


def _digits(source, count):
    return "".join(source.choice(string.digits) for _ in range(count))


def _phone(source):
    number = source.choice(("07" + _digits(source, 9), "01" + _digits(source, 9), "020" + _digits(source, 8)))
    number = number if number[2] != "0" or number.startswith("020") else number[:2] + "7" + number[3:]
    form = source.randrange(6)
    if form == 0:
        return number
    if form == 1:
        return f"{number[:5]} {number[5:]}"
    if form == 2:
        return f"{number[:5]} {number[5:8]} {number[8:]}"
    if form == 3:
        return f"+44 {number[1:5]} {number[5:]}"
    if form == 4:
        return f"+44{number[1:]}"
    return f"{number[:5]}-{number[5:8]}-{number[8:]}"


def _address(source):
    number = f"{source.randrange(1, 300)}{source.choice(('', '', '', 'a', 'B'))}"
    text = f"{number} {source.choice(_STREETS)} {source.choice(_ROADS)}"
    return text if source.random() < 0.8 else f"Flat {source.randrange(1, 40)}, {text}"


def _postcode(source):
    gap = source.choice((" ", " ", ""))
    text = f"{source.choice(_AREAS)}{gap}{source.randrange(10)}{source.choice(_INWARD)}{source.choice(_INWARD)}"
    return text if source.random() < 0.7 else text.lower()


def _mark(source):
    def letters(count):
        return "".join(source.choice(_MARK.replace("I", "").replace("Q", "")) for _ in range(count))

    form = source.randrange(4)
    year = source.choice(("02", "09", "15", "19", "51", "58", "67", "73"))
    if form <= 1:
        text = f"{letters(2)}{year}{source.choice((' ', ''))}{letters(3)}"
        return text if source.random() < 0.7 else text.lower()
    if form == 2:
        return f"{source.choice('ABCDEFGHJKLMNPRSTVWXY')}{source.randrange(1, 999)} {letters(3)}"
    return f"{letters(3)} {source.randrange(1, 999)}{source.choice('ABCDEFGHJKLMNPRSTVWXY')}"


def _ni(source):
    first = source.choice("ABCEHJKLMPRSW") + source.choice("ACEHJLMPRSWX")
    gap = source.choice((" ", "", " "))
    return gap.join((first, _digits(source, 2), _digits(source, 2), _digits(source, 2), source.choice("ABCD")))


def _mail(source):
    return f"{source.choice(_BY_MAIL)}@{source.choice(_HOSTS)}"


def _card(source):
    digits = source.choice("45") + _digits(source, 14)
    total = sum(sum(divmod(int(d) * (2 if place % 2 == 0 else 1), 10)) for place, d in enumerate(digits))
    digits += str(-total % 10)
    return digits if source.random() < 0.3 else " ".join(digits[at : at + 4] for at in range(0, 16, 4))


_KINDS = {
    "phone": (_phone, ("ring {who} on {it}", "{it} is the number of {who}", "call {it} and ask for {who}", "{it}")),
    "address": (_address, ("{who} lives at {it}", "it's {it} if you want {who}", "go to {it} and say hello")),
    "postcode": (_postcode, ("{who} is at {it}", "look up {it}", "postcode {it}, {who} is there")),
    "vehicle": (_mark, ("{who} drives {it}", "reg {it}", "white van {it} seen again", "the plate is {it}.")),
    "ni-number": (_ni, ("NI {it} belongs to {who}", "{who}: {it}")),
    "e-mail": (_mail, ("write to {who}: {it}", "{it} is what {who} uses", "mail {it}!")),
    "card": (_card, ("card {it} taken from {who}", "{it} exp 04/28")),
}

_ORDINARY = (
    "The A{n} is shut between junctions {d} and {d}, {m} minutes of delay",
    "Crime reference 42{long} and still nothing after {d} weeks",
    "CAD {n} of {day}/11/2026, nobody came",
    "We raised £{n},{thousand} for the air ambulance on {day} November",
    "Doing {m} mph past the school at {day}:{m} is not on",
    "{d} lads aged about {day} in the street outside number {day}",
    "PC {thousand} and PC {n} were brilliant with my mum",
    "I rang 101 {d} times and waited {m} minutes at {day}:{m}",
    "Bus {n} was {m} mins late again on the high street",
    "The match finished {d}-{d} in front of {thousand} people",
    "Call Crimestoppers on 0800 555 111 or 101, quote log {n} of {day} Nov",
    "Budget of £{d}.{d}m for {thousand} officers, that is {d}% less than 20{day}",
    "Road closed on the B{thousand} from {day}am to {d}pm, use the M{d} or M{d}5",
    "My nan is {m} and lives {d} doors down, lovely lady",
    "Door open {day}:00, tickets £{d}.50, see you at the leisure centre",
    "Order {long} never came, is that a matter for the police?",
    "Channel {n} at {d}pm, {m} minutes of rubbish",
    "{n} houses are to be built off the ring road by 20{day}",
    "Thanks to all {m} volunteers, {thousand} bags of litter in {d} hours",
    "Temperature of -{d}C tonight, {d} cm of snow on the hills",
    "2 men on the street and 3 more by the park gates at {d}",
    "Version {d}.{d}.{n} of your app crashes on my phone {d}",
    "Windspeed {m}mph, {n} homes without power in the village",
    "Wealdshire Police badge number {thousand}, {d} years of service",
    "ISBN 978{long}{d} is a good read about the 19{day} strike",
)


def personal(seed, each):
    """Give (kind, text) with one piece of personal data in each text."""
    source = random.Random(seed)
    for kind, (make, frames) in _KINDS.items():
        for _ in range(each):
            yield kind, source.choice(frames).format(who=source.choice(_NAMES), it=make(source))


def ordinary(seed, count):
    """Give posts with many numbers and no personal data."""
    source = random.Random(seed)
    for _ in range(count):
        yield source.choice(_ORDINARY).format(
            n=source.randrange(100, 999),
            d=source.randrange(1, 9),
            m=source.randrange(10, 59),
            day=source.randrange(10, 28),
            thousand=source.randrange(1000, 9999),
            long=_digits(source, 9),
        )


_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "$5", "t": "7", "b": "8"}
_LOOKS = {"a": "аα", "c": "сϲ", "e": "еε", "i": "іı", "k": "кκ", "o": "оο", "p": "р", "s": "ѕ", "u": "υ", "t": "т"}


def _leet(word, source):
    return "".join(source.choice(_LEET[c]) if c in _LEET and source.random() < 0.8 else c for c in word)


def _zero_width(word, source):
    return source.choice("\u200b\u200c\u200d\u2060\u00ad").join(word)


def _alike(word, source):
    return "".join(source.choice(_LOOKS[c]) if c in _LOOKS else c for c in word)


def _spaced(word, source):
    return source.choice((" ", ".", "-", "_", "  ", "*")).join(word)


def _repeated(word, source):
    place = source.randrange(1, len(word))
    return word[:place] + word[place] * source.randrange(2, 6) + word[place + 1 :]


def _starred(word, source):
    place = source.randrange(1, len(word) - 1)
    return word[:place] + source.choice("*#%_") + word[place + 1 :]


def _fancy(word, source):
    first = source.choice((0x1D41A, 0x1D44E, 0xFF41, 0x24D0))
    return "".join(chr(first + ord(c) - ord("a")) if c != "h" else c for c in word)


def _accented(word, source):
    return "".join(c + source.choice(("", "\u0301", "\u0308", "\u0336")) for c in word.upper())


def _split(word, source):
    place = source.randrange(1, len(word))
    return word[:place] + source.choice(".-_'") + word[place:]


DISGUISES = (_leet, _zero_width, _alike, _spaced, _repeated, _starred, _fancy, _accented, _split)
_CARRIERS = ("what a {}", "you {} lot", "{} the lot of you", "this is {}!", "oh {}, not again", "{}")


def disguised(words, seed, count):
    """Give (disguise, word, text) with one word in disguise in each text."""
    source = random.Random(seed)
    for number in range(count):
        word = source.choice(words)
        disguise = DISGUISES[number % len(DISGUISES)]
        yield disguise.__name__, word, source.choice(_CARRIERS).format(disguise(word, source))
