"""Promote and roll back the domain model from Home: one at a time, and the outcome is told."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from agent.errors import RegistryError
from agent.learned.registry import Registry
from agent.retold import retold
from agent.texts import Text
from agent.tuning.promoting import Evaluates, Promotion, promote
from bot.jobs.errand import Handler, Hands
from bot.slack.blocks import Message
from bot.slack.errands.home import once, outcome, publish, refusal
from bot.slack.errands.home_acting import Act, author
from bot.slack.home_parts import section
from bot.slack.home_place import HomePlace
from bot.slack.people import Person

PROMOTE, ROLLBACK = "promote", "rollback"
MODEL_LANE = "domain model"
"""Steps of the registry are taken one after the other."""

_PLACE = HomePlace("model")

_WORKING = Text(
    "Version {version} is being looked at; if it was never evaluated, that takes minutes. I write "
    "to you when it is done.",
    "正在检查版本 {version}；若尚未评估，需要几分钟。完成后我会通知您。",
)
_PROMOTED = Text("Version {version} answers everyone: {why}.", "版本 {version} 已上线：{why}。")
_ROLLED_BACK = Text(
    "Rolled back: version {version} answers everyone.", "已回滚：现由版本 {version} 回答。"
)
_NONE_LEFT = Text(
    "The trial is over: no version answers, only the documents do.",
    "试用已结束：现在没有版本作答，只依据文档回答。",
)
_CHANGED = Text(
    "What answers has changed since you looked, so nothing was rolled back.",
    "在您查看之后，线上版本已变化，因此未执行回滚。",
)
_WHY = "promoted, for"
_BY_HAND = "rolled back in Slack"


@dataclass(frozen=True, slots=True)
class ModelSteps:
    """What promoting takes beside the registry: an evaluation, and the router's calibration."""

    evaluates: Evaluates
    calibrates: Callable[[int], Awaitable[None]]


def model_handlers(steps: ModelSteps) -> Mapping[str, Handler]:
    """The errands of the Model tab."""

    async def promoting(hands: Hands) -> None:
        await _told(hands, _promoted(steps))

    async def rolling_back(hands: Hands) -> None:
        await _told(hands, _rolled_back(steps))

    return {PROMOTE: promoting, ROLLBACK: rolling_back}


async def _told(hands: Hands, act: Act) -> None:
    """Take the step if the person may, say what came of it, and show the tab."""
    person = await hands.clicked_by()
    if not person.admin:
        await publish(hands, person, _PLACE, refusal(person))
        return
    said = await once(hands, person, partial(outcome, act))
    await hands.send("outcome", await hands.direct(person.id), [Message(said, (section(said),))])
    await publish(hands, person, _PLACE, said)


def _promoted(steps: ModelSteps) -> Act:
    async def act(hands: Hands, person: Person) -> str:
        value = str(hands.payload.get("value") or "")
        if not value.isdecimal():
            raise RegistryError("this button names no version: open the page again")
        await publish(hands, person, _PLACE, _WORKING.to(person.language, version=value))
        version = int(value)
        # Promoted again, it would only say that it answers everyone already.
        why = hands.held.progress.get(_WHY)
        if why is None:
            wanted = Promotion(version, author=author(person))
            done = await promote(hands.desk.database, wanted, steps.evaluates)
            why = retold(done.why, person.language)
            await hands.note(**{_WHY: why})
        # After the evaluation, for the router learns from it.
        await steps.calibrates(version)
        return _PROMOTED.to(person.language, version=version, why=why)

    return act


def _rolled_back(steps: ModelSteps) -> Act:
    async def act(hands: Hands, person: Person) -> str:
        registry, who = Registry(hands.desk.database), author(person)
        standing = await registry.standing()
        live, trial = (one.version if one else 0 for one in (standing.live, standing.canary))
        if hands.payload.get("value") == f"{live}/{trial}":
            live = await registry.rollback(_BY_HAND, who) or 0
        else:
            # Unless an earlier run of this very errand did it, and was cut off.
            last = (await registry.history())[:1]
            ours = last and (last[0].grounds.author, last[0].grounds.reason) == (who, _BY_HAND)
            if not (ours and hands.held.attempts > 1):
                return _CHANGED.to(person.language)
        if not live:
            return _NONE_LEFT.to(person.language)
        await steps.calibrates(live)
        return _ROLLED_BACK.to(person.language, version=live)

    return act
