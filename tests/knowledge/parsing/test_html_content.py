"""Pages as common generators write them: what stays is what a reader came for."""

from dataclasses import dataclass

import pytest

from knowledge.chunking import anchor_of, chunk
from knowledge.parsing import Parsed, parse

LONG = "The gateway closes its hour when the clock strikes, and sends what it has gathered. " * 3


def read(html: str) -> Parsed:
    return parse(html.encode(), "page.html")


@dataclass(frozen=True)
class Case:
    html: str
    kept: tuple[str, ...]
    gone: tuple[str, ...]


DOCUSAURUS = Case(
    f"""<html><head><title>Install | Acme</title></head><body class="navigation-with-keyboard">
    <div role="region" aria-label="Skip to main content"><a class="skipToContent_fXgn"
      href="#__docusaurus_skipToContent_fallback">Skip to main content</a></div>
    <nav class="navbar"><a href="/">Acme</a><a href="/docs">Docs</a></nav>
    <div class="main-wrapper"><aside class="theme-doc-sidebar-container"><ul class="menu__list">
      <li><a href="/a">Guide A</a></li><li><a href="/b">Guide B</a></li></ul></aside>
    <main class="docMainContainer"><div class="row"><div class="col docItemCol">
      <nav class="theme-doc-breadcrumbs" aria-label="Breadcrumbs"><ul><li>Home</li></ul></nav>
      <div class="theme-doc-toc-mobile"><button>On this page</button></div>
      <article><header><h1>Install</h1></header><p>{LONG}</p>
      <h2 class="anchor" id="steps">Steps<a href="#steps" class="hash-link"
        aria-label="Direct link to Steps">\u200b</a></h2>
      <div class="theme-admonition admonition alert"><div class="admonitionHeading">note</div>
        <div><p>Needs version 5.</p></div></div>
      <div class="tabs-container"><ul role="tablist"><li role="tab">npm</li></ul>
        <div role="tabpanel"><pre><code class="language-bash">npm i acme</code></pre></div>
        <div role="tabpanel" hidden><pre>yarn add acme</pre></div>
      </div></article>
      <footer class="theme-doc-footer"><a class="theme-edit-this-page" href="/e">Edit this page</a>
      </footer><nav class="pagination-nav"><a href="/b">Next: Guide B</a></nav></div>
      <div class="col"><div class="tableOfContents"><ul class="table-of-contents">
        <li><a href="#steps">Steps</a></li></ul></div></div></div></main></div>
    <footer class="footer">Copyright Acme</footer></body></html>""",
    ("# Install", "## Steps\n", "Needs version 5.", "```bash\nnpm i acme", "yarn add acme"),
    ("Skip to", "Guide", "Home", "On this page", "Edit this", "[Steps]", "Copyright", "Direct"),
)

SPHINX = Case(
    f"""<html><head><title>Install &#8212; Acme 1.0 documentation</title></head><body>
    <div class="related" role="navigation"><h3>Navigation</h3><ul><li><a href="genindex">index</a>
      </li></ul></div>
    <div class="document"><div class="documentwrapper"><div class="bodywrapper">
      <div class="body" role="main"><section id="install"><h1>Install<a class="headerlink"
        href="#install" title="Link to this heading">¶</a></h1><p>{LONG}</p>
        <section id="navigation"><h2>Navigation<a class="headerlink" href="#navigation">¶</a></h2>
        <p>How to <a href="x">move around</a>.</p></section>
        <aside class="admonition note"><p>Mind the gap.</p></aside>
        <dl class="py"><dt id="acme.run">acme.run(<em>n</em>)</dt><dd><p>Runs.</p></dd></dl>
      </section></div></div></div>
      <div class="sphinxsidebar" role="navigation"><h3>Table of Contents</h3><a href="x">Tour</a>
      </div></div>
    <div class="footer" role="contentinfo">&copy; 2024, Acme. Created using Sphinx.</div></body>""",
    ("# Install\n", "## Navigation\n", "[move around]", "Mind the gap.", "acme.run(*n*)", "Runs."),
    ("index", "Tour", "Created using", "¶"),
)

MARKED_BY_CLASS = Case(
    f"""<html><head><title>Leave - Acme wiki</title></head><body><div id="page">
    <div id="cookie-banner"><h2>We value your privacy</h2><p>We and our partners use cookies to
      measure things and to improve other things.</p><a href="/p">Policy</a></div>
    <div id="header"><div class="nav-menu"><ul><li><a href="/">Start</a></li>
      <li><a href="/news">News</a></li></ul></div></div>
    <div class="has-sidebar layout"><div class="sidebar-left"><a href="/x">Tree X</a>
      <a href="/y">Tree Y</a></div>
      <div class="wiki-content"><ol class="breadcrumb"><li><a href="/">People</a></li><li>Leave</li>
      </ol><h1>Leave</h1><a class="edit-page" href="/edit">Edit</a><p>{LONG}</p>
      <div class="toc-macro"><ul class="toc"><li><a href="#a">Holidays</a></li></ul></div>
      <h2 id="a">Holidays</h2><table class="share-table"><tr><th>Kind</th><th>Days</th></tr>
        <tr><td class="nav">Annual</td><td>27</td></tr></table>
      <div class="menu"><p>Lunch menu: soup.</p></div>
      <div class="social-share">Share this: <a href="t">Twitter</a></div>
      <div class="related-posts"><h3>Related</h3><ul><li><a href="/r">Sick leave</a></li></ul></div>
      <div class="page-feedback">Was this page helpful?</div></div></div>
    <div id="page-footer"><p>© Acme 2024</p><a href="/i">Imprint</a></div></div></body></html>""",
    ("# Leave", "## Holidays", "| Annual | 27 |", "Lunch menu: soup."),
    (
        *("privacy", "partners", "Policy", "Start", "News", "Tree", "People", "Edit"),
        *("[Holidays]", "Twitter", "Sick leave", "helpful", "Acme 2024", "Imprint"),
    ),
)

UNMARKED = Case(
    f"""<html><head><title>Old page</title></head><body>
    <table><tr><td><a href="/1">One link</a><br><a href="/2">Two link</a><br>
      <a href="/3">Three link</a></td>
    <td><h1>Old page</h1><p>{LONG}</p><h2>See also</h2><ul><li><a href="/k1">Kept one</a></li>
      <li><a href="/k2">Kept two</a></li><li><a href="/k3">Kept three</a></li></ul>
      <table><tr><td>cell a</td><td>cell b</td></tr></table></td></tr></table>
    <div><a href="/4">Four</a>|<a href="/5">Five</a>|<a href="/6">Six</a></div></body></html>""",
    ("# Old page", "[Kept one]", "Kept three", "cell a", "cell b"),
    ("One link", "Three link", "Five"),
)

BLOG_LIST = Case(
    f"""<body><header><div><a href="/">Logo</a></div></header>
    <article><h2>First</h2><p>{LONG}</p></article><article><h2>Second</h2><p>{LONG}</p></article>
    <div class="pagination"><a href="/2">Older posts</a></div></body>""",
    ("## First", "## Second"),
    ("Logo", "Older posts"),
)


@pytest.mark.parametrize("case", [DOCUSAURUS, SPHINX, MARKED_BY_CLASS, UNMARKED, BLOG_LIST])
def test_content_stays_and_furniture_goes(case: Case) -> None:
    text = read(case.html).text
    assert [words for words in case.kept if words not in text] == []
    assert [words for words in case.gone if words in text] == []


@pytest.mark.parametrize(
    "html",
    [
        # A page that is a list of links.
        "<h1>Index</h1>" + "".join(f'<p><a href="/{n}">kept {n}</a></p>' for n in range(9)),
        '<div id="toc">' + "".join(f'<a href="/{n}">kept {n}</a> ' for n in range(9)) + "</div>",
        "<body>" + "".join(f'<a href="/{n}">kept {n}</a>\n' for n in range(9)),
        # Names that lie.
        f'<div class="sidebar"><p>kept {LONG}</p></div>',
        f'<div class="cookie-banner"><p>kept {LONG}</p></div>',
        f"<main><p>short</p></main><div><p>kept {LONG * 9}</p></div>",
        f"<article><p>short</p></article><div><p>kept {LONG * 9}</p></div>",
        f'<h1>T</h1><section id="feedback"><h2>Feedback</h2><p>kept</p></section><p>{LONG}</p>',
        f'<section id="breadcrumbs"><h2>Breadcrumbs</h2><p>kept</p></section><p>{LONG}</p>',
        f'<p>{LONG}</p><div class="menu"><p>kept soup</p><p>kept salad</p></div>',
        f'<p>{LONG}</p><table class="nav"><tr><td><a href="/">kept</a></td></tr></table>',
        f'<p>{LONG}</p><aside class="callout-warning">kept</aside>',
        f'<h1>Title</h1><p>{LONG}</p><ul><li><a href="/">kept</a><li><a href="/">kept</a></ul>',
        f"<p>The parts are:</p><ul>{'<li><a href=/>kept</a>' * 5}</ul><p>{LONG}</p>",
    ],
)
def test_what_is_unsure_stays(html: str) -> None:
    assert read(html).text.count("kept") == html.count("kept")


def test_a_page_whose_parts_all_look_like_furniture_is_kept_whole() -> None:
    cut = f'<div class="share-bar">kept {"word " * 20}</div>'
    assert read(cut * 20).text.count("kept") == 20


@pytest.mark.parametrize(
    ("heading", "fragment"),
    [
        ('<h2 id="own">Part</h2>', "own"),
        ('<h2><a id="inside"></a>Part</h2>', "inside"),
        ('<h2><a name="inside">Part</a></h2>', "inside"),
        ('<h2>Part <a class="headerlink" href="#linked">¶</a></h2>', "linked"),
        ('<a name="before"></a><h2>Part</h2>', "before"),
        ('<section id="section"><h2>Part</h2><p>x</p></section>', "section"),
        ('<section id="section"><header><h2>Part</h2></header><p>x</p></section>', "section"),
        ('<section id="section"><p>x</p><h2>Part</h2></section>', None),
        ("<h2>Part</h2>", None),
        ('<h2 id="a b|<c>">Part</h2>', "a%20b%7C%3Cc%3E"),
        ('<h2 id="部分">Part</h2>', "部分"),
        (f'<h2 id="{"x" * 400}">Part</h2>', None),
        ('<h2 id="one">Part</h2><p>x</p><h3 id="two">Part</h3>', None),
    ],
)
def test_a_heading_is_linked_to_by_its_id(heading: str, fragment: str | None) -> None:
    parsed = read(f"<p>{LONG}</p>{heading}<p>{LONG}</p>")
    assert parsed.anchors.get("Part") == fragment
    assert "Part" in parsed.text


def test_a_heading_with_marks_has_the_title_that_its_chunks_carry() -> None:
    parsed = read(
        f'<h2 id="x">The <em>first</em> <code>Vec&lt;T&gt;</code> *part*</h2><p>{LONG}</p>'
    )

    (piece,) = chunk(parsed.text)
    assert anchor_of(piece, parsed.anchors) == "x"


PUBLISHED = '<meta property="article:published_time" content="2024-05-05">'


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ('<meta property="article:modified_time" content="2024-05-06T07:08:09+02:00">', 6),
        (PUBLISHED, 5),
        (f'{PUBLISHED}<meta property="og:updated_time" content="2024-05-06">', 6),
        ('<meta name="DCTERMS.modified" content="2024-05-06">', 6),
        ('<script type="application/ld+json">{"dateModified": "2024-05-06T00:00:00Z"}</script>', 6),
        ('<meta property="article:modified_time" content="yesterday">', None),
        ('<meta property="article:modified_time" content="2190-01-01">', None),
        ("", None),
    ],
)
def test_the_date_is_the_pages_own(head: str, day: int | None) -> None:
    updated_at = read(f"<head>{head}</head><body><p>Text.</p></body>").updated_at
    assert (updated_at and (updated_at.year, updated_at.month, updated_at.day)) == (
        day and (2024, 5, day)
    )


def test_a_time_in_the_page_counts_where_it_says_what_it_is() -> None:
    assert read('<p>x <time datetime="2020-01-01">then</time></p>').updated_at is None
    dated = read('<p>x <time itemprop="dateModified" datetime="2020-01-01">then</time></p>')
    assert dated.updated_at is not None
    assert dated.updated_at.year == 2020


@pytest.mark.parametrize(
    ("href", "uri"),
    [
        ("https://docs.example/a?b=c#d", "https://docs.example/a?b=c"),
        ("javascript:alert(1)", None),
        ("/relative", None),
        ("https://docs.example/a b", None),
    ],
)
def test_the_canonical_address_is_the_pages(href: str, uri: str | None) -> None:
    assert read(f'<head><link rel="canonical" href="{href}"></head><p>Text.').uri == uri


def test_the_description_is_metadata() -> None:
    head = '<head><meta name="Description" content=" Two\n words "></head>'
    assert read(f"{head}<p>Text.").metadata == {"description": "Two words"}


def test_a_site_name_in_a_first_heading_is_not_the_title() -> None:
    page = "<title>Setup - Acme</title><header><h1>Acme</h1></header>"
    assert read(f"{page}<main><h1>Setup</h1><p>{LONG}</p></main>").title == "Setup"
