import pytest

from knowledge.errors import InvalidInput
from knowledge.sources.web_urls import is_web, web_address


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("HTTPS://Docs.Example:443", "https://docs.example/"),
        ("http://docs.example:80/a#part", "http://docs.example/a"),
        ("http://docs.example:8080/a", "http://docs.example:8080/a"),
        ("https://docs.example/a/./b/../c/", "https://docs.example/a/c/"),
        ("https://docs.example/../../a/..", "https://docs.example/"),
        ("https://docs.example/?b=2&a=1&b=1", "https://docs.example/?b=2&a=1&b=1"),
        ("https://docs.example/caf\u00e9/%e4%bd%a0", "https://docs.example/caf%C3%A9/%E4%BD%A0"),
        ("https://b\u00fccher.example./", "https://xn--bcher-kva.example/"),
        ("http://[2606:4700::1111]:8080/a", "http://[2606:4700::1111]:8080/a"),
    ],
)
def test_the_same_page_has_one_name(url: str, written: str) -> None:
    assert str(web_address(url)) == written
    assert str(web_address(written)) == written


@pytest.mark.parametrize(
    "url",
    [
        "ftp://docs.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//docs.example/",
        "https://",
        "https:///path",
        "http://docs.example:0/",
        "http://docs.example:99999/",
        "http://docs.example:x/",
        "http://[bad/",
        "http://docs.example/a b",
        "http://docs.example/a\r\nX-Header: 1",
        "http://docs.example\\@other.example/",
        "http://docs.example/" + "x" * 2000,
        "http://docs.example/" + "\u4f60" * 500,
        "http://\u00e9..example/",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        web_address(url)
    assert "\n" not in str(caught.value)


def test_credentials_in_an_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidInput, match=r"of docs\.example names a user") as caught:
        web_address("https://me:s3cret@docs.example/")
    assert "s3cret" not in str(caught.value)


def test_a_link_leads_on_from_its_page() -> None:
    page = web_address("https://docs.example/a/b?x=1")
    assert str(page.joined("../c#d")) == "https://docs.example/c"
    assert str(page.joined("//www.docs.example/c")) == "https://www.docs.example/c"
    assert page.same_site(page.joined("http://WWW.docs.example/"))
    assert not page.same_site(page.joined("//example/"))
    with pytest.raises(InvalidInput):
        page.joined("mailto:me@docs.example")


def test_what_an_admin_means_as_an_address_is_told_from_a_file() -> None:
    assert is_web("HTTPS://docs.example")
    assert not is_web("https.md")
    assert not is_web("docs/https://x")
