import gzip
from datetime import UTC, datetime

import pytest

from knowledge.errors import UnreadableDocument
from knowledge.sources.web_sitemap import Entry, read_sitemap

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def test_pages_and_their_dates() -> None:
    sitemap = f"""<?xml version="1.0" encoding="UTF-8"?>
        <urlset {NAMESPACE} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
        <url><loc> https://a.example/?x=1&amp;y=2 </loc><lastmod>2024-05-06</lastmod>
          <image:image><image:loc>https://a.example/i.png</image:loc></image:image></url>
        <url><loc>https://a.example/b</loc><lastmod>yesterday</lastmod></url>
        <url><loc/></url></urlset>""".encode()
    for data in (sitemap, gzip.compress(sitemap, mtime=0)):
        read = read_sitemap(data)
        assert not read.index
        assert read.entries == (
            Entry("https://a.example/?x=1&y=2", datetime(2024, 5, 6, tzinfo=UTC)),
            Entry("https://a.example/b", None),
        )


def test_an_index_lists_sitemaps() -> None:
    read = read_sitemap(b"<sitemapindex><sitemap><loc>b.xml</loc></sitemap></sitemapindex>")
    assert read.index
    assert [entry.location for entry in read.entries] == ["b.xml"]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not well-formed"),
        (b"<html><body>Not found</body></html>", "expected <urlset>"),
        (b"<urlset><url><loc>a</loc>", "not well-formed"),
        (b"\x1f\x8bnot gzip", "damaged"),
        (gzip.compress(b"<urlset/>", mtime=0)[:-9], "too early"),
        (gzip.compress(b" " * 30_000_000, mtime=0), "more than the 20,000,000 bytes"),
        (b"<urlset>" + b"<a/>" * 1_100_000 + b"</urlset>", "elements"),
        (b"<urlset>" + b"<url><loc>/a</loc></url>" * 50_001 + b"</urlset>", "more than 50,000"),
        (b"<a>" * 200_000, "not well-formed"),
        (f'<!DOCTYPE urlset [<!ENTITY l0 "lol">{LAUGHS}]><a>&l9;</a>'.encode(), "not well-formed"),
    ],
)
def test_what_is_no_sitemap_says_so(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        read_sitemap(data)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE urlset [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]>',
    ],
)
def test_entities_are_not_followed(doctype: str) -> None:
    read = read_sitemap(f"{doctype}<urlset><url><loc>&x;</loc></url></urlset>".encode())
    assert read.entries == ()
