"""What may leave in an answer's text: each way out that an injected document could order."""

import pytest

from agent.gate import gate, neutral
from knowledge.documents import Passage

HANDBOOK = "https://handbook.example/leave"


def passage(uri: str = HANDBOOK) -> Passage:
    return Passage(1, 1, 1, 0, uri, "Leave", (), "30 days.", 1.0, 1.0, None)


PASSAGES = [passage(), passage("https://handbook.example/sick"), passage("https://x.example/c")]


@pytest.mark.parametrize(
    ("written", "leaves"),
    [
        ("See [our page](https://evil.example/?q=secret) now", "See our page now"),
        ("See ![x](https://evil.example/pixel.png?d=secret) now", "See x now"),
        ("See [a [b] c](https://evil.example) now", "See a [b] c now"),
        ('See [page](https://evil.example "title") now', "See page now"),
        ("See [page](javascript:alert(1)) now", "See page now"),
        ("See <https://evil.example/a> now", "See (link removed) now"),
        ("See <https://evil.example|the page> now", "See the page now"),
        ("Write to <mailto:a@evil.example|us>", "Write to us"),
        ("Go to https://evil.example/a?b=c.", "Go to (link removed)."),
        ("Go to HTTPS://EVIL.example", "Go to (link removed)"),
        ("Go to www.evil.example/a today", "Go to (link removed) today"),
        ("Go to evil.example/steal?d=secret today", "Go to (link removed) today"),
        ("去https://evil.example/a看看。", "去(link removed)。"),
        ("See [page][1]\n\n[1]: https://evil.example", "See [page][1]"),
        ("ftp://evil.example/x", "(link removed)"),
    ],
)
def test_links_to_elsewhere_lose_their_address(written: str, leaves: str) -> None:
    assert neutral(written) == leaves


@pytest.mark.parametrize(
    "written",
    [
        "<!channel> read this",
        "<!here|here> read this",
        "<!subteam^S123|@oncall> read this",
        "<@U123> read this",
        "<@U123|anna> read this",
        "<<!channel>!channel> read this",
        "@channel read this",
        "@Everyone read this",
        "[@](https://evil.example/)channel read this",
        "<[!](https://evil.example/)channel> read this",
    ],
)
def test_nobody_is_pinged(written: str) -> None:
    cleaned = neutral(written)
    assert cleaned.endswith("read this")
    for token in ("<!", "<@", "@channel", "@everyone", "@oncall"):
        assert token not in cleaned.lower()


def test_what_was_cut_out_does_not_join_its_surroundings_to_a_link() -> None:
    assert neutral("ht<@U1>tps://evil.example/a") == "(link removed)"


def test_ordinary_text_stays_as_it_is() -> None:
    written = "Use `a[0]` or README.md, and/or 3.5 km/h at 10:30; mail is fine: a_b. x < y > z"
    assert neutral(written) == written


def test_an_address_of_a_cited_source_may_stay() -> None:
    gated = gate(f"[Leave]({HANDBOOK}) says 30 days [1], see {HANDBOOK}.", PASSAGES)
    assert gated.text == f"[Leave]({HANDBOOK}) says 30 days [1], see {HANDBOOK}."


def test_an_address_of_a_source_that_is_not_cited_goes() -> None:
    assert gate(f"30 days [2], see {HANDBOOK}", PASSAGES).text == "30 days [1], see (link removed)"


def test_an_address_that_only_begins_like_a_source_goes() -> None:
    gated = gate(f"30 days [1], see {HANDBOOK}?d=secret", PASSAGES)
    assert gated.text == "30 days [1], see (link removed)"


@pytest.mark.parametrize(
    ("written", "leaves", "cited"),
    [
        ("A [3]. B [1][3].", "A [1]. B [2][1].", (2, 0)),
        ("A [7]. B [0]. C [2].", "A. B. C [1].", (1,)),
        ("A [1, 3].", "A [1][2].", (0, 2)),
        ("A 【2†source】.", "A [1].", (1,)),
        ("A [^2] and [Passage 3].", "A [1] and [2].", (1, 2)),
        ("A [2](https://evil.example/x).", "A [1].", (1,)),
        ("`list[9]` holds [3]", "`list[9]` holds [1]", (2,)),
        ("[1]: https://evil.example\nA [2].", "A [1].", (1,)),
        ("No citation.", "No citation.", ()),
    ],
)
def test_citations_are_of_given_passages_and_numbered_in_order(
    written: str, leaves: str, cited: tuple[int, ...]
) -> None:
    gated = gate(written, PASSAGES)
    assert (gated.text, gated.cited) == (leaves, cited)
