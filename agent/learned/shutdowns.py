"""When providers end what a version lives on: dates to be warned of, with where they are from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

_OPENAI_HOST = "api.openai.com"


@dataclass(frozen=True, slots=True)
class Shutdown:
    """``host`` ends ``what`` on that day; ``source`` is where it was announced."""

    host: str
    on: date
    what: str
    instead: str
    source: str


SHUTDOWNS = (
    Shutdown(
        _OPENAI_HOST,
        date(2027, 1, 6),
        "takes no new fine-tuning jobs",
        "what is tuned goes on answering, but the next version needs another backend",
        "https://platform.openai.com/docs/deprecations",
    ),
)


def warnings(backend: str, manifest: Mapping[str, Any], today: date) -> list[str]:
    """One line for each date that concerns a version, ahead of it and after it."""
    if backend != "openai":
        return []
    host = urlsplit(str(manifest.get("base_url") or f"https://{_OPENAI_HOST}")).hostname
    return [
        f"{one.host} {one.what} {_when(one.on, today)}: {one.instead} ({one.source})"
        for one in SHUTDOWNS
        if one.host == host
    ]


def _when(day: date, today: date) -> str:
    left = (day - today).days
    if left <= 0:
        return f"any more, since {day:%Y-%m-%d}"
    return f"from {day:%Y-%m-%d}, in {left} {'day' if left == 1 else 'days'}"
