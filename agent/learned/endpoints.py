"""Where the answers of generative versions come from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import AsyncOpenAI

LORA, OPENAI = "lora", "openai"
"""The backends whose versions write their answers."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """OpenAI-compatible servers; None where no setting names one.

    ``tuned`` is the one that trained the versions of the backend openai and serves them
    (OPENAI_BASE_URL), ``adapters`` serves those trained here (KNOWHOW_DOMAIN_URL).
    """

    tuned: "AsyncOpenAI | None" = None
    adapters: "AsyncOpenAI | None" = None
    timeout_s: float = 60.0


NOWHERE = Endpoints()


def address(client: "AsyncOpenAI") -> str:
    """Where a client asks, without a name or password that its URL may carry."""
    url = client.base_url
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{url.host}{port}{url.path}"
