"""What belongs to a person and has no place in a model: addresses, numbers, papers.

By form and, where there is one, by checksum: ISO 13616 (IBAN), ISO/IEC 7812 (cards), GB 11643
(Chinese resident identity numbers).
"""

import re
from collections.abc import Callable, Iterator, Sequence

from agent.tuning.examining.findings import Examined, Finding, World

_DIGITS = re.compile(r"\d")
_EMAIL = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64})@((?:[\w-]{1,63}\.){1,5}[a-z]{2,18})(?![\w-])", re.IGNORECASE
)
_SHARED = frozenset(
    """abuse accounting accounts admin advisors alerts all api benefits billing bookings bot bugs
    careers ceo community compliance conduct contact contracts customer customers cs data deal
    dealdesk demo design desk dev devops devrel docs dpo email engineering enquiries ethics events
    everyone example expenses facilities feedback finance firstname git group hello help helpdesk hi
    hiring hr incident incidents info infra inquiries interviews invoice invoices inbox it jobs
    lastname legal licensing list mail mailer marketing me media name news newsletter noreply office
    onboarding oncall operations ops orders partner partners partnerships payments payroll people
    platform postmaster press privacy procurement product purchasing reception recruiting
    registration renewals reply report reports request requests research root safety sales security
    service services shop someone staff status success subscriptions support talent tax team test
    tickets training travel trust user username vendor vendors webmaster welcome you your""".split()  # noqa: SIM905
)
"""A mailbox named for what it does is the team's own; so is one that stands for any name."""

_NOBODYS = re.compile(
    r"(?:^|\.)(?:example\.\w+|\w+\.example|(?:your)?(?:company|domain|org)\.\w+"
    r"|test|invalid|localhost|local)$",
    re.IGNORECASE,
)
"""RFC 2606 reserves these, or everyone writes them, for addresses that are nobody's."""

_CREDENTIALS = re.compile(r"\w://[^\s/@]{0,200}:[^\s/@]{0,200}@")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\d.-])[2-6]\d{3}(?:[ -]?\d{4}){2}[ -]?\d{3,4}(?:[ -]?\d{3})?(?![\d-])")
_AMEX = re.compile(r"(?<![\d.-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\d-])")
_RESIDENT = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])"
)
_SOCIAL = re.compile(
    r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"
    r"|\b(?i:ssn|social security(?: number| no\.?)?)\W{1,4}(?:is )?\d{3}[ -]?\d{2}[ -]?\d{4}\b"
)
_PASSPORT = re.compile(
    r"(?:\bpassport|护照)(?:\s|number|no\b|nr\b|id\b|is\b|号码?|[#.:：为是]){1,8}"
    r"(?=\w{0,3}\d{6})[a-z0-9]{7,10}\b",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d(?:\d{8}|[ -]\d{4}[ -]\d{4})(?!\d)")
_PHONE = re.compile(
    r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}[ ./-]?(?:\(0\)[ ]?|\(\d{1,4}\)[ ]?)?\d{1,4}"
    r"(?:[ ./-]?\d{2,4}){1,5}(?![\w/-])"
    r"|(?<![\w.+-])(?:1[ .-])?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\w-])"
    r"|(?<![\w.+/-])\(?0\d{1,4}\)?[ /-]\d{2,8}(?:[ -]\d{2,4}){0,4}(?![\w./-])"
)
_CALLED = re.compile(
    r"(?:\b(?:phone|tel|telephone|mobile|cell|call|whatsapp|fax)\b|电话|手机号?|座机)"
    r"[^\d\n+]{0,15}(\+?\d[\d ()./-]{5,18}\d)(?!\w)",
    re.IGNORECASE,
)
_LEAST_DIGITS, _MOST_DIGITS = 9, 15


def find(pairs: Sequence[Examined], _: World) -> list[Finding]:
    """One finding a pair for a person to look at; ``why`` names kinds and places, no value."""
    found = []
    for one in pairs:
        places = [
            f"the {place} holds what looks like {' and '.join(kinds)}"
            for place, text in (("question", one.question), ("answer", one.answer))
            if (kinds := personal_data_in(text))
        ]
        if places:
            found.append(Finding("personal data", "queue", (one.id,), "; ".join(places)))
    return found


def personal_data_in(text: str) -> list[str]:
    """The kinds of personal data in the text, in words, each once."""
    if "@" not in text and len(_DIGITS.findall(text)) < _LEAST_DIGITS - 2:
        return []
    kinds = []
    text = _CREDENTIALS.sub(" | ", text)  # a secret, and not an address
    for kind, pattern, holds in _KINDS:
        spans = [match.span() for match in pattern.finditer(text) if holds(match)]
        if spans:
            kinds.append(kind)
            # What is known is taken out, or a card's digits would be a phone number too.
            text = "".join(_outside(text, spans))
    return list(dict.fromkeys(kinds))


def _outside(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    last = 0
    for start, end in spans:
        yield f"{text[last:start]} | "
        last = end
    yield text[last:]


def _of_person(match: re.Match[str]) -> bool:
    name, domain = match[1].casefold(), match[2]
    return not _SHARED & {name, *re.split(r"[.+_-]", name)} and not _NOBODYS.search(domain)


def _is_iban(match: re.Match[str]) -> bool:
    number = match[0].replace(" ", "")
    spelled = "".join(str(int(one, 36)) for one in number[4:] + number[:4])
    return int(spelled) % 97 == 1


def _is_card(match: re.Match[str]) -> bool:
    """Luhn; a card never repeats one digit."""
    digits = [int(one) for one in _DIGITS.findall(match[0])]
    doubled = [digit * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(one // 10 + one % 10 for one in doubled) % 10 == 0 and len(set(digits)) > 1


def _is_resident(match: re.Match[str]) -> bool:
    """ISO 7064 MOD 11-2: weights are the powers of two."""
    number = match[0].upper()
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(number[:17]))
    return number[17] == "10X98765432"[total % 11]


def _dialled(match: re.Match[str]) -> bool:
    return _LEAST_DIGITS <= len(_DIGITS.findall(match[0])) <= _MOST_DIGITS


def _any(_: re.Match[str]) -> bool:
    return True


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    ("an e-mail address", _EMAIL, _of_person),
    ("a bank account number", _IBAN, _is_iban),
    ("a Chinese identity number", _RESIDENT, _is_resident),
    ("a card number", _CARD, _is_card),
    ("a card number", _AMEX, _is_card),
    ("a social security number", _SOCIAL, _any),
    ("a passport number", _PASSPORT, _any),
    ("a mobile number", _MOBILE, _any),
    ("a phone number", _PHONE, _dialled),
    ("a phone number", _CALLED, _any),
)
