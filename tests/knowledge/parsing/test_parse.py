import random

import pytest

from knowledge.errors import UnreadableDocument
from knowledge.parsing import MAX_BYTES, parse


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gb2312", "gbk"])
def test_chinese_is_read_in_the_encodings_that_teams_use(encoding: str) -> None:
    text = "部署手册：先检查配置，再启动服务。Version 2.0 已于今年发布。"
    assert parse(text.encode(encoding), "手册.txt").text == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("naïve café à côté".encode("latin-1"), "not UTF-8 text"),
        ("Größe und Maß für Übergänge".encode("cp1252"), "not UTF-8 text"),
        ("привет мир, это текст".encode("cp1251"), "not UTF-8 text"),
        ("これは日本語の文章です".encode("shift_jis"), "not UTF-8 text"),
        (b"PK\x03\x04\x00\x00data", "binary file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary file"),
        (b"\xff\xfea", "not the utf-16 text"),
        (b"\xff\xfe\x00\xd8", "not the utf-16 text"),
        (b"", "it is empty"),
        (b"\x01\x02\x03", "has no text"),
        (b"x" * (MAX_BYTES + 1), "more than the 20,000,000 allowed"),
        (b"x" * 10_000_001, "exceeds 10,000,000 characters"),
    ],
)
def test_what_is_no_certain_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason) as caught:
        parse(data, "a.txt")
    assert "\n" not in str(caught.value)


def test_text_is_stored_as_it_is_with_plain_line_ends() -> None:
    parsed = parse(b"# not\r\n*markup*\rend", "notes.v2.txt")
    assert parsed.text == "# not\n*markup*\nend"
    assert parsed.title == "notes.v2"


def test_characters_that_nobody_sees_are_gone() -> None:
    smuggled = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    parsed = parse(f"be\u00adfore\u200b{smuggled}\ufeff after\x07".encode(), "a.txt")
    assert parsed.text == "before after"


def test_joined_emoji_and_persian_stay_as_they_are() -> None:
    text = "👩\u200d💻 می\u200cخواهم"
    assert parse(text.encode(), "a.txt").text == text


@pytest.mark.parametrize("name", ["report.exe", "Makefile", "x.bin", ".md"])
def test_an_unknown_format_is_named(name: str) -> None:
    with pytest.raises(UnreadableDocument, match="is not supported"):
        parse(b"text", name)


@pytest.mark.parametrize("name", ["A.MD", "a.Markdown", "a.mdx", "a.HTM", "a.html", "a.TXT"])
def test_the_suffix_tells_the_format_in_any_case(name: str) -> None:
    assert parse(b"words", name).text == "words"


@pytest.mark.parametrize("name", ["a.md", "a.html", "a.txt"])
def test_noise_is_refused_or_read_but_never_breaks(name: str) -> None:
    dice = random.Random(4)  # noqa: S311 -- repeatable noise
    alphabet = "<>&;#[]()`*_-|\"'\\/!:{}=\n\t ab界é\x00\ud800"
    for _ in range(150):
        noise = "".join(dice.choices(alphabet, k=200)).encode(errors="surrogatepass")
        for data in (noise, noise.replace(b"\0", b""), dice.randbytes(200)):
            try:
                parsed = parse(data, name)
            except UnreadableDocument:
                continue
            assert "\0" not in parsed.text + parsed.title
            (parsed.text + parsed.title).encode()
