"""What promoting a domain model takes, on live parts: evaluate it, calibrate the router."""

from agent.routing.calibration import calibrate
from agent.tuning.evaluating import Wanted, evaluate
from agent.tuning.evaluation import Evaluation
from bot.live_agent import documents_only
from bot.slack.errands.model import ModelSteps
from bot.wiring import Knowhow

QUESTIONS = 300
"""As many as `knowhow tune promote` asks."""


def model_steps(knowhow: Knowhow) -> ModelSteps:
    """For the worker that carries out what admins click."""

    async def evaluates(version: int) -> Evaluation:
        deps = await documents_only(knowhow)
        wanted = Wanted(deps, version, limit=QUESTIONS, endpoints=knowhow.endpoints)
        return await evaluate(knowhow.database, wanted)

    async def calibrates(version: int) -> None:
        await calibrate(knowhow.database, knowhow.encoder, knowhow.search, version=version)

    return ModelSteps(evaluates, calibrates)
