"""A draft as JSON and back: how it waits in the database for a worker."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from knowledge.documents import Document
from knowledge.storage.ingest import Draft


def draft_as_json(draft: Draft) -> dict[str, Any]:
    """Whole, as `draft_of` reads it."""
    document = {**asdict(draft.document), "updated_at": _written(draft.document.updated_at)}
    return {**asdict(draft), "document": document, "expires_at": _written(draft.expires_at)}


def draft_of(value: dict[str, Any]) -> Draft:
    """A draft that was staged."""
    document = {**value["document"], "updated_at": _read(value["document"]["updated_at"])}
    changed = {
        "document": Document(**document),
        "audience": tuple(value["audience"]),
        "expires_at": _read(value["expires_at"]),
    }
    return Draft(**{**value, **changed})


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None
