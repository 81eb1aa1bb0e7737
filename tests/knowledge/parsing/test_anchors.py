import pytest

from knowledge.chunking import anchor_of, chunk
from knowledge.documents import Passage
from knowledge.parsing import parse
from knowledge.parsing.anchors import Slugs

LONG = "The gateway closes its hour when the clock strikes, and sends what it has gathered. " * 20
PARAMETERS = f"### Parameters\n\n{LONG}"


def anchors(text: str) -> dict[str, str]:
    return dict(parse(text.encode(), "page.md").anchors)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Getting started", "getting-started"),
        ("A & B, or: C/D?", "a--b-or-cd"),
        ("snake_case and kebab-case", "snake_case-and-kebab-case"),
        ("Version 1.2.3", "version-123"),
        ("年假 Über É", "年假-über-é"),
        ("Rocket 🚀 launch", "rocket--launch"),
        ("!?", ""),
    ],
)
def test_a_slug_is_what_github_makes_of_the_heading(title: str, slug: str) -> None:
    assert Slugs().of(title) == slug


def test_slugs_that_are_taken_are_counted() -> None:
    slugs = Slugs()
    titles = ["Foo", "Foo!", "Foo 1", "foo", "Foo-1"]
    assert [slugs.of(title) for title in titles] == ["foo", "foo-1", "foo-1-1", "foo-2", "foo-1-2"]


def test_markdown_headings_are_linked_to() -> None:
    text = (
        "# Title\n\n## The *first* [part](x.md) `here`\n\nx\n\nSetext\n---\n\nx\n\n"
        "## Named {#own-id}\n\nx\n\n### Closed {#closed} ##\n\nx\n\n```\n# code\n```\n\n"
        "<h2>From HTML</h2>\n\nx"
    )
    assert anchors(text) == {
        "Title": "title",
        "The first part here": "the-first-part-here",
        "Setext": "setext",
        "Named": "own-id",
        "Closed": "closed",
        "From HTML": "from-html",
    }


def test_a_title_that_stands_twice_leads_to_the_section_above() -> None:
    text = f"# T\n\n## One\n\n{PARAMETERS}\n\n## Two\n\n{PARAMETERS}\n\n## !?\n\n{LONG}"
    parsed = parse(text.encode(), "page.md")
    assert dict(parsed.anchors) == {"T": "t", "One": "one", "Two": "two"}
    found = {piece.heading: anchor_of(piece, parsed.anchors) for piece in chunk(parsed.text, "T")}
    assert found == {("One", "Parameters"): "one", ("Two", "Parameters"): "two", ("!?",): None}


@pytest.mark.parametrize(
    ("uri", "link"),
    [
        ("/docs/notes on leave.md", "/docs/notes on leave.md#one"),
        ("https://wiki.example/page", "https://wiki.example/page#one"),
        ("https://wiki.example/page#there", "https://wiki.example/page#there"),
        ("/data/corpus.jsonl#7", "/data/corpus.jsonl#7"),
    ],
)
def test_a_passages_link_leads_to_its_heading(uri: str, link: str) -> None:
    passage = Passage(1, 1, 1, 0, uri, "T", ("One",), "x", 1.0, 1.0, None, "one")
    assert passage.link == link
