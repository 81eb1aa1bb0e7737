import pytest

from knowledge.errors import UnreadableDocument
from knowledge.parsing import Parsed, parse


def read(html: str, name: str = "page.html") -> Parsed:
    return parse(html.encode(), name)


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>Setup | Acme</title><h1>Setup</h1>text", "Setup"),
        ("<title>Acme wiki</title><h1>Setup</h1>text", "Acme wiki"),
        ("<h1>Only &amp; <em>this</em></h1>text", "Only & this"),
        ("<title> </title><p>text", "page"),
        ("<svg><title>icon</title></svg><p>text", "page"),
    ],
)
def test_the_title(html: str, title: str) -> None:
    assert read(html).title == title


def test_structure_is_kept_as_markdown() -> None:
    text = read(
        "<h2>Steps</h2><ol><li>One<ul><li>inner</li></ul></li><li>Two</li></ol>"
        "<table><tr><th>Key</th><th>Value</th></tr><tr><td>a</td><td>1</td></tr></table>"
        '<pre><code class="language-python">if x:\n    y()</code></pre>'
        '<p>Caf&eacute; &lt;b&gt; <a href="https://x.example">link</a> snake_case</p>'
    ).text
    assert "## Steps" in text
    assert "1. One\n   - inner\n2. Two" in text
    assert "| Key | Value |\n| --- | --- |\n| a | 1 |" in text
    assert "```python\nif x:\n    y()\n```" in text
    assert "Café" in text
    assert "[link](https://x.example)" in text
    assert "snake_case" in text


@pytest.mark.parametrize(
    "html",
    [
        "<script>unseen</script>",
        "<style>unseen</style>",
        "<nav>unseen</nav>",
        "<footer>unseen</footer>",
        "<aside>unseen <script>x</script></aside>",
        "<p hidden>unseen</p>",
        '<p aria-hidden="true">unseen</p>',
        '<p style="color: red; DISPLAY : none">unseen <b style="display:none">x</b></p>',
        "<!-- unseen -->",
        "<template>unseen</template>",
        "<noscript>unseen</noscript>",
        "<textarea hidden>unseen</textarea>",
        '<img src="x" alt="unseen">',
        "<![CDATA[unseen]]>",
        "<?php unseen ?>",
    ],
)
def test_what_a_reader_does_not_see_is_not_read(html: str) -> None:
    text = read(f"<p>before</p>{html}<p>after</p>").text
    assert "unseen" not in text
    assert "before" in text
    assert "after" in text


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul><li", "table><tr><td"])
def test_html_nested_without_end_is_refused(tag: str) -> None:
    with pytest.raises(UnreadableDocument, match="nested more than 256 deep"):
        read(f"<{tag}>" * 50_000 + "text")


def test_html_nested_as_deep_as_allowed_is_read() -> None:
    assert "text" in read("<div>" * 240 + "text").text


def test_a_declared_encoding_is_used_where_utf8_fails() -> None:
    html = '<meta charset="windows-1252"><p>café</p>'
    assert "café" in parse(html.encode("cp1252"), "a.html").text
    wrong = '<meta charset="unicode_escape"><p>café</p>'
    with pytest.raises(UnreadableDocument, match="save it as UTF-8"):
        parse(wrong.encode("cp1252"), "a.html")


@pytest.mark.parametrize(
    "html",
    ["https://x.example/page", "page.html", '<?xml version="1.0" encoding="utf-16"?><p>text</p>'],
)
def test_odd_beginnings_are_only_text(html: str) -> None:
    assert read(html).text


def test_characters_that_cannot_be_stored_are_gone() -> None:
    text = read("<p>a&#0;b&#xD800;c&#x1F;d\u200be</p>").text
    assert text.encode()
    assert "\0" not in text
    assert "de" in text


def test_a_page_without_text_says_so() -> None:
    with pytest.raises(UnreadableDocument, match="has no text"):
        read("<html><head><title>T</title></head><body><script>x</script></body></html>")
