"""A domain model that writes its answers: a tuned model behind an endpoint.

What it was taught is known here, so whether to ask it is decided without asking it: a head trained
on the same pairs estimates, as it does for the embedded model.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.errors import ModelUnavailable
from agent.learned.domain import DomainModel, Estimate
from agent.learned.endpoints import LORA, OPENAI, Endpoints, address
from agent.model_failures import Named
from agent.models import ChatModel, Deadlines, Message
from agent.texts import Said, Text

_FIRST_S = 15.0

_THE_MODEL = Said("the domain model", "领域模型")
_NAMED = {
    OPENAI: Named(_THE_MODEL, "OPENAI_BASE_URL", "OPENAI_API_KEY"),
    LORA: Named(_THE_MODEL, "KNOWHOW_DOMAIN_URL", "KNOWHOW_DOMAIN_KEY"),
}
_NO_SERVER = Text(
    "domain model {version} needs the server that runs it: set {wanted}",
    "领域模型 {version} 需要运行它的服务器：请设置 {wanted}",
)
_ELSEWHERE = Text(
    "domain model {version} is served at {where}, and OPENAI_BASE_URL names another "
    "endpoint: set it back, or train there",
    "领域模型 {version} 部署在 {where}，而 OPENAI_BASE_URL 指向了别处：请改回，或在那里重新训练",
)
_OR = Text("OPENAI_API_KEY or OPENAI_BASE_URL", "OPENAI_API_KEY 或 OPENAI_BASE_URL")


class ChatDomain:
    """Asks the endpoint as the model was trained: the same system message, the question alone.

    ``judge`` estimates; where it has nothing current to say, neither has this model.
    """

    def __init__(
        self, version: int, judge: DomainModel, served: ChatModel | Said, system: str
    ) -> None:
        """``served`` is the model at its endpoint, or why there is none."""
        self._version = version
        self._judge = judge
        self._served = served
        self._system = system

    @property
    def name(self) -> str:
        """``domain:VERSION``, stored with each answer."""
        return f"domain:{self._version}"

    async def estimate(self, question: str, vector: NDArray[np.float32] | None) -> Estimate:
        """The judge's, whose own answer is not given: this model writes another."""
        return replace(await self._judge.estimate(question, vector), answer=None)

    async def consult(self, question: str, estimate: Estimate) -> str:  # noqa: ARG002 (protocol)
        """The answer as generated; raises ModelUnavailable, at once after repeated failures."""
        if isinstance(self._served, Said):
            raise ModelUnavailable(self._served)
        prompt = [Message("system", self._system), Message("user", question)]
        return (await self._served.complete(prompt)).text


def served(
    version: int, backend: str, manifest: Mapping[str, Any], endpoints: Endpoints
) -> ChatModel | Said:
    """The version's model at its endpoint, or in one line why it cannot be asked."""
    client = endpoints.adapters if backend == LORA else endpoints.tuned
    if client is None:
        wanted = "KNOWHOW_DOMAIN_URL" if backend == LORA else _OR.filled()
        return _NO_SERVER.filled(version=version, wanted=wanted)
    trained_at = manifest.get("base_url")
    if trained_at is not None and trained_at != address(client):
        return _ELSEWHERE.filled(version=version, where=trained_at)
    deadlines = Deadlines(min(_FIRST_S, endpoints.timeout_s), endpoints.timeout_s)
    return ChatModel(client, manifest["model"], deadlines=deadlines, named=_NAMED[backend])
