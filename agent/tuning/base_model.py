"""A generative version beside the model that it was tuned from, and what it forgot."""

from agent.errors import ModelUnavailable
from agent.evaluation.general_ability import GeneralAbility, general_ability
from agent.learned.chat_domain import served
from agent.learned.domain import DomainModel, Estimate
from agent.learned.endpoints import Endpoints
from agent.learned.head_model import BACKEND
from agent.learned.registry_rows import Version
from agent.models import ChatModel, Message
from agent.texts import Said

_ASKED_ANYWAY = Estimate(confidence=1.0, similarity=1.0, topic="", answer=None)


async def general_ability_of(
    version: Version, model: DomainModel, endpoints: Endpoints
) -> GeneralAbility | None:
    """The two on general questions; None for a head, which only knows the team's answers.

    Raises ModelUnavailable when one of them does not answer, or when the version does not say
    what it was tuned from.
    """
    if version.backend == BACKEND:
        return None
    name = version.manifest.get("base")
    if name is None:
        raise ModelUnavailable(
            f"version {version.version} does not say which model it was tuned from, so what it "
            "forgot cannot be told: train again"
        )
    tuned_from = {**version.manifest, "model": name}
    base = served(version.version, version.backend, tuned_from, endpoints)
    if isinstance(base, Said):
        raise ModelUnavailable(base)
    system = Message("system", version.manifest["system"])

    async def of_base(question: str, base: ChatModel = base) -> str:
        return (await base.complete([system, Message("user", question)])).text

    async def of_candidate(question: str) -> str:
        return await model.consult(question, _ASKED_ANYWAY)

    return await general_ability(of_base, of_candidate)
