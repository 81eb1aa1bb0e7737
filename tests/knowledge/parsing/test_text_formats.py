"""What people write with a text editor, a mail program or a notebook, as an upload reads it."""

import json
from email.message import EmailMessage

import pytest

from knowledge.chunking import anchor_of, chunk
from knowledge.errors import UnreadableDocument
from knowledge.parsing import parse

RST = """\
=============
Logger manual
=============

:Author: Ada

See :ref:`the annex <annex>` and :py:class:`~lab.Probe`; ``code`` too.

.. toctree::

   secret

Set-up
======

.. warning:: Wear gloves.

.. code-block:: python
   :emphasize-lines: 2

   def f():
       return 1

.. list-table::
   :header-rows: 1

   * - Item
     - Cost
   * - Probe
     - 40

.. tab:: Linux

   Install it.

.. include:: /etc/passwd
.. raw:: html

   <script>alert(1)</script>
"""


def test_restructured_text_with_what_only_sphinx_knows() -> None:
    parsed = parse(RST.encode(), "manual.rst")
    assert parsed.title == "Logger manual"
    assert parsed.metadata == {"author": "Ada"}
    assert parsed.anchors == {"Set-up": "set-up"}
    assert "See the annex and `Probe`; `code` too." in parsed.text
    assert "> **Warning**\n>\n> Wear gloves." in parsed.text
    assert "```python\ndef f():\n    return 1\n```" in parsed.text
    assert "| Item | Cost |\n| --- | --- |\n| Probe | 40 |" in parsed.text
    assert "**Linux**\n\nInstall it." in parsed.text
    for absent in ("root:", "script", "secret", "system-message", "Unknown"):
        assert absent not in parsed.text


ASCIIDOC = """\
= Logger manual
Ada Lovelace
:product: Merrowby 3

The {product} is a *logger*: https://example.org/x[the site], <<set-up,Set-up>>.

// hidden
[[first]]
== Set-up

NOTE: Wear gloves.

[WARNING]
====
* Do not drop.
====

[source,python]
----
def f(): return "== no heading"
----

* one
** two

|===
|Name |Price

|Probe
|40
|===

Term:: What it means
include::/etc/passwd[]
"""


def test_asciidoc_keeps_its_structure() -> None:
    parsed = parse(ASCIIDOC.encode(), "manual.adoc")
    assert parsed.title == "Logger manual"
    assert parsed.metadata == {"author": "Ada Lovelace", "product": "Merrowby 3"}
    assert parsed.anchors["Set-up"] == "first"
    for piece in (
        "The Merrowby 3 is a **logger**: [the site](https://example.org/x), Set-up.",
        "> **Note**\n>\n> Wear gloves.",
        "> **Warning**\n>\n> - Do not drop.",
        '```python\ndef f(): return "== no heading"\n```',
        "- one\n   - two",
        "| Name | Price |\n| --- | --- |\n| Probe | 40 |",
        "- **Term**: What it means",
        "(Included here, not read: /etc/passwd)",
    ):
        assert piece in parsed.text
    assert "hidden" not in parsed.text


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in {
        "From": "Ada <ada@example.org>",
        "Subject": "探头 prices",
        **headers,
    }.items():
        message[name] = value
    return message


def test_an_e_mail_is_what_its_sender_wrote() -> None:
    message = mail(To="team@example.org", Date="Mon, 4 May 2026 10:00:00 +0200")
    message.set_content(
        "Probes cost 40 euros.\n\nOn Sun, 3 May 2026, Bob <b@example.org> wrote:\n"
        "> How much?\n> Thanks\n\n-- \nAda, +44 1234\n"
    )
    message.add_alternative("<p>Probes cost <b>40</b>.</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="list.pdf")
    parsed = parse(message.as_bytes(), "mail.eml")
    assert parsed.title == "探头 prices"
    assert parsed.updated_at is not None
    assert parsed.updated_at.isoformat() == "2026-05-04T10:00:00+02:00"
    assert parsed.metadata["from"] == "Ada <ada@example.org>"
    assert parsed.text == (
        "- **From**: Ada <ada@example.org>\n- **To**: team@example.org\n"
        "- **Date**: Mon, 04 May 2026 10:00:00 +0200\n\nProbes cost 40 euros.\n\n"
        "Attachments (not read): list.pdf"
    )


def test_an_e_mail_of_html_alone_and_one_of_nothing() -> None:
    message = mail()
    message.set_content("<p>Probes cost <b>40</b>.</p><script>x</script>", subtype="html")
    assert parse(message.as_bytes(), "a.eml").text.endswith("Probes cost **40**.")
    with pytest.raises(UnreadableDocument, match="no text"):
        parse(mail().as_bytes(), "a.eml")
    with pytest.raises(UnreadableDocument, match="no e-mail"):
        parse(b"Dear all, hello.", "a.eml")


def test_a_notebook_keeps_prose_code_and_text_that_came_out() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Drift study\n", "How far do probes drift?"]},
        {
            "cell_type": "code",
            "source": "print(1)",
            "outputs": [
                {"output_type": "stream", "text": ["one\n", "two" * 2_000]},
                {
                    "output_type": "error",
                    "ename": "ValueError",
                    "evalue": "bad",
                    "traceback": ["x"],
                },
                {"output_type": "display_data", "data": {"image/png": "aGVsbG8="}},
                {
                    "output_type": "execute_result",
                    "data": {"text/html": "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"},
                },
            ],
        },
    ]
    notebook = {"metadata": {"language_info": {"name": "python"}}, "cells": cells}
    parsed = parse(json.dumps(notebook).encode(), "study.ipynb")
    assert parsed.title == "Drift study"
    assert "How far do probes drift?\n\n```python\nprint(1)\n```\n\n```\none\ntwo" in parsed.text
    assert "…" in parsed.text
    assert len(parsed.text) < 3_000
    assert "ValueError: bad" in parsed.text
    assert "| a |\n| --- |\n| 1 |" in parsed.text
    assert "aGVsbG8" not in parsed.text
    for broken in (b"{}", b"[]", b'{"cells": 3}', b'{"cells": [3]}', b"no"):
        with pytest.raises(UnreadableDocument, match="no Jupyter notebook"):
            parse(broken, "a.ipynb")


PYTHON = '''\
"""Drift of probes."""

import math


class Probe:
    """One probe."""

    @property
    def drift(self) -> float:
        return 1.0


async def measure(probe: Probe) -> float:
    ```not a fence```
'''.replace("    ```not a fence```", '    return probe.drift  # "```"')


def test_python_is_cut_by_function_and_linked_by_line() -> None:
    parsed = parse(PYTHON.encode(), "probe.py")
    assert parsed.title == "probe.py"
    assert parsed.anchors == {
        "Probe": "L6-L8",
        "Probe.drift": "L9-L13",
        "measure": "L14-L16",
    }
    (whole,) = chunk(parsed.text, parsed.title)
    assert "@property" in whole.text
    longer = PYTHON.replace(
        "return 1.0", "\n".join(f"        x{n} = {n}" for n in range(200)).strip()
    )
    parsed = parse(longer.encode(), "probe.py")
    pieces = chunk(parsed.text, parsed.title)
    inside = [piece for piece in pieces if piece.heading[-1:] == ("Probe.drift",)]
    assert len(inside) > 1
    assert all(piece.text.count("```") % 2 == 0 for piece in inside)
    assert anchor_of(inside[0], parsed.anchors) == "L9-L212"


SOURCES = {
    "a.go": (
        (
            "package main\n\n// Add adds.\nfunc Add(a int) int {\n\treturn a\n}\n\n"
            "func (s *Server) Start() error {\n\tfor range x {\n\t}\n}\n"
        ),
        ["Add", "Start"],
    ),
    "A.java": (
        (
            "import x;\n\n@Service\npublic class Orders extends Base {\n    int x = 3;\n\n"
            "    /** Finds. */\n    public List<Order> find(String id) throws E {\n"
            "        if (id == null) {\n            return null;\n        }\n    }\n}\n"
        ),
        ["Orders", "Orders.find"],
    ),
    "a.ts": (
        (
            "export const add = (a: number) => a;\n\nexport function use(a) {\n"
            "  function inner() {}\n}\n"
        ),
        ["add", "use"],
    ),
    "a.rs": ("/// Doc\npub async fn run() -> R {\n    let v = 1;\n}\n", ["run"]),
    "a.sql": ("CREATE TABLE IF NOT EXISTS users (id int);\n", ["users"]),
    "a.c": ("#define X 1\nstatic int add(int a)\n{\n    return a;\n}\n", ["add"]),
    "a.sh": ("set -e\ndeploy() {\n  echo hi\n}\n", ["deploy"]),
    "a.py": ("def broken(:\n    pass\n", ["broken"]),
    "a.yaml": ("server:\n  port: 80\n", []),
}


@pytest.mark.parametrize("name", SOURCES)
def test_other_languages_are_cut_where_a_definition_begins(name: str) -> None:
    source, names = SOURCES[name]
    parsed = parse(source.encode(), name)
    assert sorted(parsed.anchors) == sorted(names)
    kept = [line for line in parsed.text.split("\n") if not line.startswith(("```", "## ", "### "))]
    assert [line for line in kept if line.strip()] == [
        line for line in source.split("\n") if line.strip()
    ]


def test_what_a_program_wrote_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="minified or generated: a line has 6,"):
        parse(("var a=1;" * 800).encode(), "a.js")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.adoc", "https://x[" * 20_000),
        ("a.adoc", "xref:a" * 30_000),
        ("a.adoc", ":a: {a}{a}\n{a}\n" * 5_000),
        ("a.adoc", "\n".join("=" * (4 + n) for n in range(600))),
        ("a.rst", "* " * 50_000),
        ("a.rst", "\n".join(f".. |a{n}| replace:: |a{n + 1}| |a{n + 1}|" for n in range(40))),
        ("a.py", "(" * 100 + "\n" + "[" * 4_000),
        ("a.java", "\n".join(f"{'  ' * (n % 50)}class A{n}" for n in range(20_000))),
        ("a.ipynb", "[" * 100_000),
        ("a.eml", "Subject: =?utf-8?q?" + "=?" * 30_000 + "\n\nHello"),
        ("a.eml", "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + "--b\n\n" * 5_000),
    ],
)
def test_hostile_text_ends_as_text_or_as_a_reason(name: str, text: str) -> None:
    assert said(text, name)


def said(text: str, name: str) -> str:
    try:
        return parse(text.encode(), name).text
    except UnreadableDocument as reason:
        return str(reason)
