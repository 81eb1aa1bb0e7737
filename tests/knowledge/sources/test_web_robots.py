import time

import pytest

from knowledge.sources.web_robots import Robots, read_robots


def rules(text: str) -> Robots:
    return read_robots(text.encode())


@pytest.mark.parametrize(
    ("text", "allowed", "forbidden"),
    [
        ("", ["/"], []),
        ("User-agent: *\nDisallow:", ["/", "/a"], []),
        ("User-agent: *\nDisallow: /", [], ["/", "/a"]),
        ("User-agent: *\nAllow: /\nDisallow: /private", ["/", "/a"], ["/private", "/private/a"]),
        ("User-agent: *\nDisallow: /\nAllow: /docs/", ["/docs/a"], ["/", "/docs"]),
        ("user-agent:*\nDISALLOW:/a # why\n", ["/b"], ["/a"]),
        ("User-agent: *\nDisallow: /*.pdf$", ["/a.pdf?x", "/a.html"], ["/a.pdf", "/b/a.pdf"]),
        ("User-agent: *\nDisallow: /*?print=", ["/a?x=1"], ["/a?print=1", "/b/a?print="]),
        ("User-agent: *\nDisallow: /a*b*c$", ["/ac", "/abcd"], ["/abc", "/aXbYc"]),
        ("User-agent: *\nDisallow: /a*a$", ["/a"], ["/aa", "/aXa"]),
        ("User-agent: *\nDisallow: /a\nAllow: /a", ["/a"], []),
        ("User-agent: *\nDisallow: /caf\u00e9", ["/"], ["/caf%C3%A9"]),
        ("User-agent: *\nDisallow: /%e4", ["/"], ["/%E4"]),
        ("User-agent: other\nDisallow: /", ["/a"], []),
        ("User-agent: *\nDisallow: /\n\nUser-agent: KNOWHOW\nDisallow: /b", ["/a"], ["/b"]),
        (
            "User-agent: a\nUser-agent: knowhow\nDisallow: /x\nUser-agent: b\nDisallow: /",
            ["/"],
            ["/x"],
        ),
        ("User-agent: *\nDisallow: /x\n\nUser-agent: *\nDisallow: /y", ["/"], ["/x", "/y"]),
        ("\ufeffUser-agent: *\r\nDisallow: /x", ["/"], ["/x"]),
        ("Disallow: /\nnonsense\n: \nUser-agent", ["/"], []),
    ],
)
def test_the_longest_rule_for_us_decides(
    text: str, allowed: list[str], forbidden: list[str]
) -> None:
    robots = rules(text)
    assert [target for target in allowed if not robots.allow(target)] == []
    assert [target for target in forbidden if robots.allow(target)] == []


def test_the_delay_is_the_one_for_us() -> None:
    assert rules("User-agent: *\nCrawl-delay: 2.5").delay_s == 2.5
    assert rules("User-agent: *\nCrawl-delay: 9\nUser-agent: knowhow\nAllow: /").delay_s == 0
    assert rules("User-agent: *\nCrawl-delay: soon").delay_s == 0


def test_no_pattern_is_slow() -> None:
    robots = rules(
        "User-agent: *\nDisallow: /" + "*a" * 20_000 + "b$\n" + "Disallow: /*a*a*a\n" * 9000
    )
    started = time.monotonic()
    assert not robots.allow("/" + "a" * 1990)
    assert time.monotonic() - started < 2


def test_bytes_that_are_no_text_say_nothing() -> None:
    assert read_robots(bytes(range(256)) * 100).allow("/")
