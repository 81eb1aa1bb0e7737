"""Draws Block Kit roughly as Slack would: ``python -m tests.render_blocks IN OUT``.

IN is JSON: a view, a message, a list of blocks, or a list of messages; OUT a page of its own. What
it does not know it draws as a red box with the type's name, so that nothing is missing unseen.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_STYLE = """
body { margin: 0; background: #f4f4f5; color: #1d1c1d;
  font: 15px/1.46 Lato, "Noto Sans", "Noto Sans CJK SC", "Noto Color Emoji", sans-serif }
main { width: 640px; margin: 24px auto; padding: 16px 20px; background: #fff; border-radius: 8px;
  border: 1px solid #ddd }
main.home { width: 780px } main.modal { width: 520px; box-shadow: 0 4px 24px #0003 }
.who { font-weight: 900 } .who::before { content: ""; display: inline-block; width: 20px;
  height: 20px; margin-right: 8px; border-radius: 4px; background: #4a154b; vertical-align: -4px }
.title { display: flex; justify-content: space-between; font-size: 22px; font-weight: 900;
  padding-bottom: 12px; border-bottom: 1px solid #ddd }
.header { font-size: 18px; font-weight: 900; margin: 12px 0 4px }
.section { display: flex; gap: 16px; margin: 6px 0 } .section > .text { flex: 1; min-width: 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; flex: 1 }
.context { color: #616061; font-size: 13px; margin: 4px 0; display: flex; flex-wrap: wrap;
  gap: 8px }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 8px 0 }
hr { border: 0; border-top: 1px solid #ddd; margin: 16px 0 }
button, .select { font: bold 13px/1 Lato, "Noto Sans", "Noto Sans CJK SC", sans-serif;
  padding: 8px 12px; border: 1px solid #bbb; border-radius: 4px; background: #fff; color: #1d1c1d;
  white-space: nowrap; height: fit-content }
button.primary { background: #007a5a; border-color: #007a5a; color: #fff }
button.danger { background: #e01e5a; border-color: #e01e5a; color: #fff }
.select::after { content: " ▾"; color: #616061 }
.confirm { font-size: 12px; color: #616061; border: 1px dashed #bbb; border-radius: 4px;
  padding: 4px 8px; max-width: 220px; height: fit-content }
table { border-collapse: collapse; margin: 8px 0 } td { border: 1px solid #ddd; padding: 4px 8px }
tr:first-child td { background: #f8f8f8; font-weight: bold }
a { color: #1264a3; text-decoration: none } .mention { background: #e8f5fa; color: #1264a3 }
code { background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; color: #e01e5a;
  font: 12px monospace; padding: 1px 3px }
pre { background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; margin: 4px 0;
  font: 12px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap }
blockquote { border-left: 4px solid #ddd; margin: 4px 0; padding-left: 12px }
.input { margin: 12px 0 } .input b { display: block; margin-bottom: 4px }
.field { border: 1px solid #888; border-radius: 4px; padding: 8px; white-space: pre-wrap;
  min-height: 20px } .field.long { min-height: 80px } .hint { color: #616061; font-size: 13px }
.unknown { border: 2px solid #e01e5a; color: #e01e5a; padding: 4px; margin: 4px 0 }
p { margin: 0 }
"""
_EMOJI = {"thumbsup": "👍", "+1": "👍", "thumbsdown": "👎", "-1": "👎", "warning": "⚠️"}


def page(given: Any) -> str:
    """The whole page for a view, a message, blocks, or several messages."""
    many = isinstance(given, list) and any("blocks" in one for one in given)
    parts = given if many else [{"blocks": given} if isinstance(given, list) else given]
    return (
        f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>"
        f"{''.join(_surface(one) for one in parts)}"
    )


def _surface(one: Json) -> str:
    kind = one.get("type", "message")
    top = '<div class="who">Knowhow</div>'
    bottom = ""
    if kind == "modal":
        top = f'<div class="title">{_text(one["title"])}<span>×</span></div>'
        buttons = [
            f'<button class="{style}">{_text(one[name])}</button>'
            for name, style in (("close", ""), ("submit", "primary"))
            if one.get(name)
        ]
        bottom = f'<hr><div class="actions">{"".join(buttons)}</div>'
    elif kind == "home":
        top = ""
    blocks = one.get("blocks") or [{"type": "section", "text": {"type": "mrkdwn", **_said(one)}}]
    return f'<main class="{kind}">{top}{"".join(map(_block, blocks))}{bottom}</main>'


def _said(message: Json) -> Json:
    return {"text": message.get("text") or message.get("markdown_text") or ""}


def _block(block: Json) -> str:
    draw = _BLOCKS.get(block["type"])
    return _unknown(block) if draw is None else draw(block)


def _unknown(thing: Json) -> str:
    return f'<div class="unknown">{escape(str(thing.get("type")))}</div>'


def _section(block: Json) -> str:
    text = f'<div class="text">{_text(block["text"])}</div>' if block.get("text") else ""
    fields = "".join(f"<div>{_text(one)}</div>" for one in block.get("fields", ()))
    shown = text + (f'<div class="fields">{fields}</div>' if fields else "")
    accessory = block.get("accessory")
    return f'<div class="section">{shown}{_element(accessory) if accessory else ""}</div>'


def _elements(kind: str) -> Callable[[Json], str]:
    def draw(block: Json) -> str:
        inner = "".join(map(_element, block["elements"]))
        return f'<div class="{kind}">{inner}</div>'

    return draw


def _input(block: Json) -> str:
    optional = " <span class=hint>(optional)</span>" if block.get("optional") else ""
    hint = f'<div class="hint">{_text(block["hint"])}</div>' if block.get("hint") else ""
    label = f"<b>{_text(block['label'])}{optional}</b>"
    return f'<div class="input">{label}{_element(block["element"])}{hint}</div>'


def _table(block: Json) -> str:
    settings = block.get("column_settings") or []

    def cell(place: int, one: Json) -> str:
        align = (settings[place] or {}).get("align", "left") if place < len(settings) else "left"
        inner = _rich(one) if one["type"] == "rich_text" else escape(str(one.get("text", "")))
        return f'<td style="text-align:{align}">{inner}</td>'

    rows = ("".join(cell(n, one) for n, one in enumerate(row)) for row in block["rows"])
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _rich(block: Json) -> str:
    tags = {"rich_text_quote": "blockquote", "rich_text_preformatted": "pre"}
    drawn = []
    for part in block["elements"]:
        if part["type"] == "rich_text_list":
            tag = "ol" if part.get("style") == "ordered" else "ul"
            items = "".join(f"<li>{_spans(one['elements'])}</li>" for one in part["elements"])
            indent = 24 * (1 + int(part.get("indent", 0)))
            drawn.append(f'<{tag} style="margin:0;padding-left:{indent}px">{items}</{tag}>')
        else:
            tag = tags.get(part["type"], "p")
            drawn.append(f"<{tag}>{_spans(part['elements'])}</{tag}>")
    return "".join(drawn)


def _spans(spans: Iterable[Json]) -> str:
    return "".join(map(_span, spans))


def _span(span: Json) -> str:
    match span["type"]:
        case "text":
            shown = escape(span["text"]).replace("\n", "<br>")
        case "link":
            shown = f'<a href="#">{escape(span.get("text") or span["url"])}</a>'
        case "emoji":
            shown = _EMOJI.get(span["name"], f":{escape(span['name'])}:")
        case "user" | "channel" | "usergroup" | "broadcast" as kind:
            named = next(str(value) for name, value in span.items() if name != "type")
            shown = f'<span class="mention">{"#" if kind == "channel" else "@"}{named}</span>'
        case _:
            shown = _unknown(span)
    for style, tag in (("bold", "b"), ("italic", "i"), ("strike", "s"), ("code", "code")):
        if (span.get("style") or {}).get(style):
            shown = f"<{tag}>{shown}</{tag}>"
    return shown


def _element(element: Json) -> str:
    match element["type"]:
        case "mrkdwn" | "plain_text":
            drawn = f"<div>{_text(element)}</div>"
        case "button":
            style = element.get("style", "")
            drawn = f'<button class="{style}">{_text(element["text"])}</button>{_confirm(element)}'
        case "feedback_buttons":
            both = (element["positive_button"], element["negative_button"])
            drawn = "".join(f"<button>{_text(one['text'])}</button>" for one in both)
        case "overflow":
            drawn = "<button>⋯</button>"
        case "image" | "icon_button":
            drawn = f"<button>{escape(element.get('alt_text') or element['icon'])}</button>"
        case kind if kind.endswith("_input"):
            shown = element.get("initial_value")
            inner = _text(element.get("placeholder") or {}) if shown is None else escape(shown)
            long = " long" if element.get("multiline") else ""
            drawn = f'<div class="field{long}">{inner}</div>'
        case kind if kind.endswith("_select") or kind in {"radio_buttons", "checkboxes"}:
            drawn = _choice(element)
        case _:
            drawn = _unknown(element)
    return drawn


def _choice(element: Json) -> str:
    chosen = [value for name, value in element.items() if name.startswith("initial_")]
    chosen = [one for value in chosen for one in (value if isinstance(value, list) else [value])]
    names = [_text(one["text"]) if isinstance(one, dict) else str(one) for one in chosen]
    if element["type"] in {"radio_buttons", "checkboxes"}:
        options = (
            f"<div>{'☑' if one in chosen else '☐'} {_text(one['text'])}</div>"
            for one in element["options"]
        )
        return f"<div>{''.join(options)}</div>"
    shown = ", ".join(names) or _text(element.get("placeholder") or {})
    return f'<span class="select">{shown}</span>{_confirm(element)}'


def _confirm(element: Json) -> str:
    asked = element.get("confirm")
    if not asked:
        return ""
    said = " · ".join(_text(asked[name]) for name in ("title", "text", "confirm", "deny"))
    return f'<span class="confirm">asks: {said}</span>'


def _text(text: Json) -> str:
    if not text:
        return ""
    if text.get("type") == "mrkdwn":
        return _mrkdwn(text["text"])
    return escape(text["text"]).replace("\n", "<br>")


def _mrkdwn(text: str) -> str:
    """What Slack makes of its own markup; its escapes stay as they are, which is HTML's."""
    parts = re.split(r"```\n?(.*?)\n?```\n?", text, flags=re.DOTALL)
    drawn = [f"<pre>{one}</pre>" if n % 2 else _inline(one) for n, one in enumerate(parts)]
    return "".join(drawn)


def _inline(text: str) -> str:
    text = re.sub(r"<([^<>|]*)(?:\|([^<>]*))?>", _token, text)
    for mark, tag in (("`", "code"), (r"\*", "b"), ("_", "i"), ("~", "s")):
        marked = rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]+?){mark}(?![\w\"])"
        text = re.sub(marked, rf"<{tag}>\1</{tag}>", text)
    text = re.sub(r":([\w+-]+):", lambda found: _EMOJI.get(found[1], found[0]), text)
    text = re.sub(r"(?m)(?:^(?:&gt;|>)(?: .*)?$\n?)+", _quote, text)
    text = re.sub(r"(?m)^ +", lambda found: "&nbsp;" * len(found[0]), text)
    return text.replace("\n", "<br>")


def _quote(found: re.Match[str]) -> str:
    return f"<blockquote>{re.sub(r'(?m)^(?:&gt;|>) ?', '', found[0].rstrip())}</blockquote>"


def _token(found: re.Match[str]) -> str:
    """A link or a mention: the only things that Slack takes ``<`` for."""
    target, label = found[1], found[2]
    if target.startswith(("@", "#", "!")):
        return f'<span class="mention">{target[0]}{label or target[1:].partition("^")[0]}</span>'
    return f'<a href="#">{label or target}</a>'


_BLOCKS: dict[str, Callable[[Json], str]] = {
    "header": lambda block: f'<div class="header">{_text(block["text"])}</div>',
    "section": _section,
    "context": _elements("context"),
    "actions": _elements("actions"),
    "context_actions": _elements("actions"),
    "divider": lambda _: "<hr>",
    "markdown": lambda block: f"<pre>{escape(block['text'])}</pre>",
    "input": _input,
    "table": _table,
    "rich_text": _rich,
}

if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:3])
    target.write_text(page(json.loads(source.read_text("utf-8"))), "utf-8")
