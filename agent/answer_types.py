"""What kind of thing a question asks for, and whether a sentence holds one: English."""

import re

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|"
    "hundred|thousand|million|billion|half|dozen|once|twice"
)
_KINDS = (
    (
        re.compile(r"\b(when|(what|which) (year|date|day|month|century|decade))\b", re.IGNORECASE),
        re.compile(rf"\d{{3,4}}|\d+(st|nd|rd|th)\b|\bcentury\b|\b({_MONTHS})\b", re.IGNORECASE),
    ),
    (
        re.compile(
            r"\b(how (many|much|long|old|far|large|big|tall|high|often|soon)"
            r"|what (percent|percentage|number|amount))\b",
            re.IGNORECASE,
        ),
        re.compile(rf"\d|\b({_NUMBER_WORDS})\b", re.IGNORECASE),
    ),
    (
        re.compile(r"\b(who|whom|whose)\b", re.IGNORECASE),
        re.compile(r"(?<=[a-z,] )[A-Z][a-z]+"),
    ),
)


def holds_answer_type(question: str, sentence: str) -> bool:
    """Whether the question asks for a date, a number or a person and the sentence names one."""
    return any(asks.search(question) and names.search(sentence) for asks, names in _KINDS)
