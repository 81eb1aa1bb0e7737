"""What an encoder must know of a text: the script of its letters, and that it is Unicode."""

import unicodedata
from collections import Counter
from functools import lru_cache

_CJK_NAMES = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC")
_WIDTHS = ("HALFWIDTH ", "FULLWIDTH ")
_LETTERS_PER_CJK_CHARACTER = 3  # about what one of them says in an alphabet
_COVERED_SHARE = 2 / 3


@lru_cache(maxsize=65_536)
def script(character: str) -> str | None:
    """The script of a letter as Unicode names it (``latin``, ``cyrillic``, …), else None.

    Chinese, Japanese and Korean letters, which are written without useful spaces, are all
    ``cjk``. Full-width Latin is not ``latin``: encoders for Latin text do not know it.
    """
    if not character.isalpha():
        return None
    name = unicodedata.name(character, "UNNAMED")
    for width in _WIDTHS:
        if name.removeprefix(width).startswith(_CJK_NAMES):
            return "cjk"
    return name.split(maxsplit=1)[0].lower()


def is_cjk(character: str) -> bool:
    """Whether it is a Chinese, Japanese or Korean letter."""
    return script(character) == "cjk"


def letters_by_script(text: str) -> Counter[str]:
    """How much each script says in the text, in letters: a CJK character counts as three."""
    letters: Counter[str] = Counter()
    for character, count in Counter(text).items():
        name = script(character)
        if name is not None:
            letters[name] += count * (_LETTERS_PER_CJK_CHARACTER if name == "cjk" else 1)
    return letters


def dominant_script(text: str) -> str | None:
    """The script that says most of the text; None when it has no letters."""
    most = letters_by_script(text).most_common(1)
    return most[0][0] if most else None


def mostly_latin(text: str) -> bool:
    """Whether at least two thirds of the letters are Latin; true of a text without letters.

    Two thirds, not half: a few English terms in a Chinese question ("Kubernetes 怎么部署")
    must not send it to an encoder that reads nothing but those terms.
    """
    if text.isascii():
        return True
    letters = letters_by_script(text)
    return letters["latin"] >= _COVERED_SHARE * letters.total()


def without_surrogates(text: str) -> str:
    """Lone surrogates, which no UTF-8 text can hold, become question marks."""
    return text.encode(errors="replace").decode()
