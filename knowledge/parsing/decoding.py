"""Bytes to text that Postgres, the encoder and a terminal can all hold."""

import codecs
import re

from knowledge.errors import UnreadableDocument

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARABLE = re.compile(
    r"(windows-125\d|iso-8859-\d{1,2}|gbk|gb2312|gb18030|big5|shift_jis|euc-jp|euc-kr|koi8-[ru])"
)
_COMMON_SHARE = 0.9
_COMMON_ROWS = frozenset([1, 2, 3, *range(16, 56)])

# Control characters; halves of surrogate pairs; characters that no reader sees: tag characters,
# which smuggle orders to a model, and zero-width spaces and soft hyphens, which split words.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")


def decode(data: bytes, declared: str | None = None) -> str:
    """Clean text of a file in UTF-8, UTF-16 with its mark, or GB18030 that reads as Chinese.

    ``declared`` is the encoding that the document itself names, tried after UTF-8. Nothing else
    is guessed: a wrong guess would be stored, found and quoted as gibberish.

    Raises UnreadableDocument when the bytes are no text or have no certain encoding.
    """
    if data.startswith(_UTF16_MARKS):
        return _strict(data, "utf-16")
    if b"\0" in data:
        raise UnreadableDocument("it is a binary file (it holds NUL bytes)")
    try:
        return clean(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        if declared and _DECLARABLE.fullmatch(declared.lower()):
            return _strict(data, "gb18030" if declared.lower() in {"gbk", "gb2312"} else declared)
        text = _chinese(data)
        if text is None:
            raise UnreadableDocument(
                f"it is not UTF-8 text (byte {error.start}): save it as UTF-8"
            ) from error
        return text


def clean(text: str) -> str:
    """Lines end in a line feed; characters that cannot be stored or that nobody sees are gone."""
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def _strict(data: bytes, encoding: str) -> str:
    try:
        return clean(data.decode(encoding))
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableDocument(f"it is not the {encoding} text it says it is") from error


def _chinese(data: bytes) -> str | None:
    """GB18030 decodes most bytes to something; it is believed when the characters are common.

    Common are the 3,755 of GB 2312's first level, and its marks.
    """
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = [character for character in text if not character.isascii()]
    common = sum(map(_is_common, foreign))
    return clean(text) if common >= _COMMON_SHARE * len(foreign) else None


def _is_common(character: str) -> bool:
    """Rows 1 to 3 of GB 2312 hold marks and wide letters, 16 to 55 the common ideographs."""
    code = character.encode("gb2312", errors="ignore")
    return bool(code) and code[0] - 0xA0 in _COMMON_ROWS
