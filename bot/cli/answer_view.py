"""An answer as a person reads it in the terminal."""

from typing import TYPE_CHECKING

from agent.answers import Answer, Citation

if TYPE_CHECKING:
    from rich.console import RenderableType

_ROUTES = {
    "knowledge": ("from the documents", "cyan"),
    "domain": ("from the domain model", "magenta"),
    "both": ("from the documents and the domain model", "blue"),
    "chat": ("small talk", "green"),
    "clarify": ("a question back", "yellow"),
    "none": ("not answered", "yellow"),
}


def answer_view(answer: Answer) -> "RenderableType":
    """The answer, its sources, and a quiet line that says which side answered and why."""
    from rich.console import Group
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.text import Text

    parts: list[RenderableType] = [Padding(Markdown(printable(answer.text)), (1, 2, 0, 2))]
    if answer.citations:
        sources = Text("\n")
        for citation in answer.citations:
            place = " › ".join((citation.title, *citation.heading))
            sources.append(f"[{citation.n}] ", style="bold")
            sources.append(printable(place) + "\n")
            sources.append(f"    {printable(_address(citation))}\n", style="dim")
        sources.rstrip()
        parts.append(Padding(sources, (0, 2)))
    if answer.nearest:
        titles = dict.fromkeys(printable(citation.title) for citation in answer.nearest)
        nearest = f"The nearest I have: {', '.join(titles)}."
        parts.append(Padding(Text(f"\n{nearest}"), (0, 2)))
    said, colour = _ROUTES[answer.route]
    quiet = Text("\n")
    quiet.append(said, style=colour)
    if answer.route not in {"chat", "clarify"}:
        quiet.append(f" · confidence {answer.confidence:.2f}", style="dim")
    quiet.append(f" · {answer.timings_ms.get('total', 0):.0f} ms", style="dim")
    if answer.cost_usd:
        quiet.append(f" · ${answer.cost_usd:.4f}", style="dim")
    quiet.append(f"\n{printable(answer.reason.en)}\n", style="dim italic")
    parts.append(Padding(quiet, (0, 2)))
    return Group(*parts)


def _address(citation: Citation) -> str:
    """With the fragment on the web; a file's path stays one that can be opened."""
    on_the_web = citation.uri.startswith(("http://", "https://"))
    return citation.link or citation.uri if on_the_web else citation.uri


def printable(text: str) -> str:
    """The text without control characters: a document must not steer the terminal."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() or c == "\u200d"))
