"""One self-contained page: a style, a heading, sections. Nothing is loaded, no script runs."""

from collections.abc import Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5d6878; --line: #dde2ea;
  --paper: #fff; --tint: #f4f6f9; --blue: #2f6fde; --green: #1a7f4b; --amber: #b25d00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b5; --line: #323b49;
  --paper: #161b22; --tint: #1e252f; --blue: #6ea0ff; --green: #56c58a; --amber: #f0a34a } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 2.5rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .8rem }
h3 { font-size: 1rem; margin: 0 0 .4rem } .facts { color: var(--soft); margin: .4rem 0 0 }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line) }
th { font-weight: 600 } tr:first-child th { color: var(--soft); font-size: .82rem }
small { display: block; color: var(--soft); font-weight: 400; font-size: .82rem }
.number { font-variant-numeric: tabular-nums; white-space: nowrap } .big { font-weight: 650 }
.note { color: var(--soft); font-size: .88rem }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; color: var(--soft) }
article { border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem;
  margin: 0 0 .9rem; break-inside: avoid } article p { margin: .3rem 0 }
article li { margin: .5rem 0 } article li p { color: var(--soft); font-size: .9rem }
.turn { color: var(--soft); font-size: .9rem; padding-left: .8rem;
  border-left: 3px solid var(--line) }
.right strong { color: var(--green) } .right strong::after { content: " ✓" }
.score { color: var(--amber); font-variant-numeric: tabular-nums }
svg.chart { width: 100%; height: auto } svg.interval { width: 12rem; height: .9rem }
svg.square { width: 20rem; height: auto }
.bar { fill: var(--blue); opacity: .85 } .floor { stroke: var(--line); stroke-width: 1.5 }
.range { stroke: var(--blue); stroke-width: 4; opacity: .45; stroke-linecap: round }
.mean { fill: var(--blue) } .mark { stroke: var(--amber); stroke-width: 1.5; stroke-dasharray: 4 3 }
.axis, .label { font-size: 11px; fill: var(--soft) } .label { fill: var(--amber); font-weight: 600 }
.curve { fill: none; stroke-width: 2; stroke: currentColor } text.one, text.two, text.three {
  font-size: 12px; font-weight: 600; fill: currentColor } .one { color: var(--blue) }
.two { color: var(--green) } .three { color: var(--soft) }
@media print { body { max-width: none; padding: 0 } }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(
    title: str,
    facts: str,
    sections: Sequence[tuple[str, str]],
    *,
    lead: str = "",
    style: str = "",
) -> str:
    """A whole HTML document; a section's content is HTML already, everything else is escaped.

    ``lead`` is HTML that comes before the sections, ``style`` CSS after the page's own.
    """
    body = "".join(
        f'<section><h2>{escape(name)}</h2><div class="scroll">{content}</div></section>'
        for name, content in sections
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}{style}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="facts">{escape(facts)}</p>{lead}{body}</body></html>\n'
    )
