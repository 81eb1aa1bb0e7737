"""What the Home tab's buttons do, each once however often it is run; rights were checked before."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from agent.digests import send_digest_to
from agent.errors import ReviewError
from agent.feedback import consent
from agent.findings import Finding, settle_finding
from agent.texts import Text
from agent.tuning import reviewing
from agent.tuning.reviewing import Reviewer
from agent.tuning.stored_pairs import stored_pairs
from bot.jobs.errand import Hands
from bot.slack import actions
from bot.slack.blocks import Message
from bot.slack.home_parts import section
from bot.slack.home_queue_blocks import owner_request
from bot.slack.people import Person
from knowledge.reviewing.review import Named

Act = Callable[[Hands, Person], Awaitable[str]]
"""Does it and says so, in plain text. Raises AgentError or KnowledgeError with why not."""

NOTHING_TO_DO = Text("There is nothing to do about it any more.", "已无需处理。")
_APPROVED = Text("Approved.", "已批准。")
_REJECTED = Text("Rejected: it will never be taught.", "已拒绝：不会用于训练。")
_MERGED = Text("They all have that answer now.", "已统一使用该回答。")
_KEPT = Text("Settled, the pairs stay as they are.", "已处理，问答对保持不变。")
_EDITED = Text("Saved and approved.", "已保存并批准。")
_TOO_LONG = Text(
    "It is too long for a form in Slack; `knowhow tune review` edits it.",
    "内容太长，Slack 表单放不下；请用 `knowhow tune review` 编辑。",
)
_SETTLED = Text("It is not shown again until it changes.", "内容变化前不再显示。")
_ASKED = Text("I have asked {owners}.", "已询问 {owners}。")
_UNREACHABLE = Text(
    "I can only write to Slack users, and the owner is {owners}.",
    "我只能给 Slack 用户发消息，而负责人是 {owners}。",
)
_ALLOWED = Text("Allowed.", "已允许。")
_TAKEN_BACK = Text(
    "Taken back; {count} pairs wait for an admin again.", "已撤回；{count} 个问答对重新等待批准。"
)
_DIGEST_ON = Text("The weekly message goes there from now on.", "每周简报将发送到该频道。")
_DIGEST_OFF = Text("The weekly message is stopped.", "已停止发送每周简报。")


def author(person: Person) -> str:
    """As histories name them: people change their names, the ID stays."""
    return f"{person.name} ({person.id})" if person.name else person.id


async def _approve(hands: Hands, person: Person) -> str:
    by, pairs = await _meant(hands, person)
    await reviewing.approve(hands.desk.database, pairs, by)
    return _APPROVED.to(person.language)


async def _reject(hands: Hands, person: Person) -> str:
    by, pairs = await _meant(hands, person)
    await reviewing.reject(hands.desk.database, pairs, by)
    return _REJECTED.to(person.language)


async def _merge(hands: Hands, person: Person) -> str:
    item, into = pair_value(hands.payload.get("value"))
    pairs = (await reviewing.item_of(hands.desk.database, item)).pairs
    if into not in pairs:
        raise ReviewError(NOTHING_TO_DO.to(person.language))
    by = Reviewer(author(person), item=item)
    await reviewing.merge(hands.desk.database, pairs, into, by)
    return _MERGED.to(person.language)


async def _keep(hands: Hands, person: Person) -> str:
    by, _ = await _meant(hands, person)
    await reviewing.resolve(hands.desk.database, by)
    return _KEPT.to(person.language)


async def _edit(hands: Hands, person: Person) -> str:
    item, pair = pair_value(hands.payload.get("value"))
    by = Reviewer(author(person), item=item or None)
    texts = {name: str(hands.payload.get(name) or "") for name in ("question", "answer")}
    await reviewing.edit(hands.desk.database, pair, by, **texts)
    return _EDITED.to(person.language)


async def _edit_elsewhere(hands: Hands, person: Person) -> str:
    """No form opened: the pair is gone, or longer than Slack's fields."""
    _, pair = pair_value(hands.payload.get("value"))
    async with hands.desk.database.engine.connect() as connection:
        there = pair in await stored_pairs(connection, [pair])
    return (_TOO_LONG if there else NOTHING_TO_DO).to(person.language)


async def _settle(hands: Hands, person: Person) -> str:
    await settle_finding(hands.desk.database, str(hands.payload.get("value") or ""), author(person))
    return _SETTLED.to(person.language)


async def _ask_owner(hands: Hands, person: Person) -> str:
    """A direct message to each owner that is a person in Slack."""
    key = str(hands.payload.get("value") or "")
    finding = await hands.workspace.findings.of_key(key, datetime.now(UTC))
    if finding is None:
        return NOTHING_TO_DO.to(person.language)
    owners = _owners(finding)
    told = [owner for owner in owners if owner[:1] in {"U", "W"} and owner.isalnum()]
    reached: list[str] = []
    for owner in told:
        document = owners[owner]
        language = (await hands.workspace.people.about(owner)).language
        text = owner_request(language, finding, document)
        if await hands.reach(f"ask {owner}", owner, Message(text, (section(text),))):
            reached.append(owner)
    names = [(await hands.workspace.people.about(one)).name or one for one in reached]
    if not reached:
        return _UNREACHABLE.to(person.language, owners=", ".join(owners))
    return _ASKED.to(person.language, owners=", ".join(names))


async def _consent(hands: Hands, person: Person) -> str:
    team, database = hands.held.errand.team, hands.desk.database
    if hands.payload.get("value") == "grant":
        await consent.grant(database, team, author(person))
        return _ALLOWED.to(person.language)
    count = await consent.withdraw(database, team, author(person))
    return _TAKEN_BACK.to(person.language, count=count)


async def _digest_on(hands: Hands, person: Person) -> str:
    channel = str(hands.payload.get("value") or "")
    if not channel:
        return NOTHING_TO_DO.to(person.language)
    await send_digest_to(hands.desk.database, hands.held.errand.team, channel)
    return _DIGEST_ON.to(person.language)


async def _digest_off(hands: Hands, person: Person) -> str:
    await send_digest_to(hands.desk.database, hands.held.errand.team, None)
    return _DIGEST_OFF.to(person.language)


ACTS: Mapping[str, Act] = {
    actions.PAIR_APPROVE: _approve,
    actions.PAIR_REJECT: _reject,
    actions.PAIR_MERGE: _merge,
    actions.PAIR_KEEP: _keep,
    actions.PAIR_FORM: _edit,
    actions.PAIR_EDIT: _edit_elsewhere,
    actions.FINDING_SETTLE: _settle,
    actions.FINDING_ASK: _ask_owner,
    actions.CONSENT: _consent,
    actions.DIGEST_CHANNEL: _digest_on,
    actions.DIGEST_OFF: _digest_off,
}
"""By the button's id."""


def pair_value(value: object) -> tuple[int, int]:
    """The item and the pair of a button's ``ITEM:PAIR``. Raises ReviewError for anything else."""
    item, _, pair = str(value or "").partition(":")
    if not (item.isdecimal() and pair.isdecimal()):
        raise ReviewError("this button names no pair: open the page again")
    return int(item), int(pair)


async def _meant(hands: Hands, person: Person) -> tuple[Reviewer, tuple[int, ...]]:
    item, pair = pair_value(hands.payload.get("value"))
    by = Reviewer(author(person), item=item or None)
    if pair:
        return by, (pair,)
    return by, (await reviewing.item_of(hands.desk.database, item)).meant


def _owners(finding: Finding) -> dict[str, Named]:
    documents = [finding.document, *([finding.other] if finding.other else [])]
    return {one.owner: one for one in reversed(documents) if one.owner}
