"""The Home tab's queues: pairs, hand-overs, conflicts and stale documents, worked on by buttons."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.feedback.handovers import Handover
from agent.feedback.stale_answers import StaleAnswer
from agent.findings import Finding, Page
from agent.reading.languages import Language
from agent.retold import retold
from agent.texts import Text
from agent.tuning.review_queue import Question
from bot.slack import actions
from bot.slack.blocks import Block
from bot.slack.home_blocks import pager
from bot.slack.home_parts import actions as row
from bot.slack.home_parts import button, header, quiet, section, shortened
from bot.slack.mrkdwn import escape, link
from knowledge.reviewing.review import Named
from knowledge.secret_patterns import without_secrets

PAIRS_SHOWN, HANDOVERS_SHOWN, FINDINGS_SHOWN = 1, 8, 6
_MOST_PAIRS = 8
_TEXT = 900

_PAIRS = Text("Pairs to look at", "待审核的问答对")
_NO_PAIRS = Text("No pair waits for you.", "没有待审核的问答对。")
_KINDS: Mapping[str, Text] = {
    "candidate": Text("Candidate", "候选"),
    "contradiction": Text("Contradiction", "相互矛盾"),
    "exact duplicate": Text("Exact duplicate", "完全重复"),
    "near duplicate": Text("Near duplicate", "近似重复"),
    "semantic duplicate": Text("Says the same", "语义重复"),
    "personal data": Text("Personal data", "含个人信息"),
    "secret": Text("Secret", "含密钥"),
    "label error": Text("Perhaps the wrong answer", "可能答非所问"),
    "leak": Text("Also in a test", "与评测重叠"),
    "ungrounded": Text("Not in its document", "文档中无依据"),
}
_STATES: Mapping[str, Text] = {
    "candidate": Text("candidate", "候选"),
    "approved": Text("approved", "已批准"),
    "rejected": Text("rejected", "已拒绝"),
    "stale": Text("stale", "已过期"),
}
_WAITS = Text("Waits for approval", "等待批准")
_APPROVE, _EDIT, _REJECT = Text("Approve", "批准"), Text("Edit…", "编辑…"), Text("Reject", "拒绝")
_KEEP = Text("Keep all as they are", "全部保留")
_REJECT_ALL = Text("Reject all", "全部拒绝")
_THIS_ANSWER = Text("This answer for all", "统一用此回答")
_SETTLE = Text("Nothing to do", "无需处理")
_FROM = Text("{topic}  ·  {state}  ·  from {source}", "{topic}  ·  {state}  ·  来源：{source}")
_OTHERS = Text(
    "{count} more pairs: `knowhow tune review` shows all.",
    "还有 {count} 个问答对：`knowhow tune review` 可查看全部。",
)

_HANDOVERS = Text("Hand-overs that are open", "未完成的专家处理")
_NO_HANDOVERS = Text("Nobody waits for an answer.", "没有人在等待答复。")
_HANDOVER_KINDS: Mapping[str, Text] = {
    "correction": Text("Correct an answer", "更正回答"),
    "question": Text("Answer a question", "回答问题"),
}
_ASKED_OF = Text("Asked: {holder}, since {day}", "已询问：{holder}，始于 {day}")
_NOBODY = Text("nobody is left to ask", "已无人可问")
_GIVE = Text("Answer…", "回答…")
_HOLDS = Text("It is right", "原回答正确")

_FINDINGS = Text("Documents to look at", "待检查的文档")
_NO_FINDINGS = Text("Nothing to look at.", "没有需要检查的文档。")
_CONFLICT = Text("Two documents contradict each other", "两篇文档相互矛盾")
_EXPIRED = Text("Past its date since {day}", "已于 {day} 过期")
_UNCHANGED = Text(
    "Unchanged since {day}, cited by {count} answers", "自 {day} 起未变，被 {count} 个回答引用"
)
_OWNER = Text("Owner: {owner}", "负责人：{owner}")
_COMPARING = Text(
    "Documents have changed, and I am still comparing them: look again in some minutes.",
    "文档有变动，我还在比较它们的内容，请过几分钟再来查看。",
)
_OUTDATED = Text(
    "A verified answer whose document has changed", "一个已核实的回答，其依据的文档已有改动"
)
_VERIFIED_BY = Text("Verified by {name} on {day}", "{name} 于 {day} 核实")
_HOLDS_STILL, _FORGET = Text("It still holds", "仍然成立"), Text("Forget it", "不再使用")
_RIGHT = Text("Right as it stands", "内容无误")
_ASK_OWNER = Text("Ask the owner", "询问负责人")


def pairs_blocks(
    reader: Language, questions: Sequence[Question], at: int, count: int
) -> list[Block]:
    """An item of the queue, with its pairs; ``at`` is its number, from 0, of ``count``."""
    blocks = [header(_PAIRS.to(reader))]
    if not questions:
        return [*blocks, section(_NO_PAIRS.to(reader))]
    shown = [block for one in questions for block in _question(reader, one)]
    return [*blocks, *shown, *pager(reader, at, PAIRS_SHOWN, count)]


def _question(reader: Language, one: Question) -> list[Block]:
    item = one.item
    named = _KINDS.get(item.kind if item else "candidate")
    kind = named.to(reader) if named else escape(item.kind if item else "")
    why = escape(retold(item.why, reader)) if item else _WAITS.to(reader)
    blocks = [section(f"*{kind}*  ·  {why}")]
    number = item.id if item else 0
    several = item is not None and len(item.meant) > 1
    for pair in one.pairs[:_MOST_PAIRS]:
        texts = (pair.question, pair.answer)
        asked, said = (escape(shortened(without_secrets(one), _TEXT)) for one in texts)
        about = _FROM.to(
            reader,
            topic=escape(shortened(without_secrets(pair.topic), 80)),
            state=_STATES[pair.state].to(reader),
            source=escape(pair.source),
        )
        blocks += [section(f"*{asked}*\n{said}"), quiet(about)]
        value = f"{number}:{pair.id}"
        edit = button(_EDIT.to(reader), actions.PAIR_EDIT, value)
        reject = button(_REJECT.to(reader), actions.PAIR_REJECT, value, "danger")
        if several:
            merge = button(_THIS_ANSWER.to(reader), actions.PAIR_MERGE, value, "primary")
            blocks += row(merge, edit, reject)
        elif item is None or pair.id in item.meant:
            blocks += row(
                button(_APPROVE.to(reader), actions.PAIR_APPROVE, value, "primary"), edit, reject
            )
    if len(one.pairs) > _MOST_PAIRS:
        blocks.append(quiet(_OTHERS.to(reader, count=len(one.pairs) - _MOST_PAIRS)))
    if several:
        blocks += row(
            button(_KEEP.to(reader), actions.PAIR_APPROVE, f"{number}:0"),
            button(_REJECT_ALL.to(reader), actions.PAIR_REJECT, f"{number}:0", "danger"),
            button(_SETTLE.to(reader), actions.PAIR_KEEP, f"{number}:0"),
        )
    elif item is not None:
        blocks += row(button(_SETTLE.to(reader), actions.PAIR_KEEP, f"{number}:0"))
    return blocks


def handovers_blocks(
    reader: Language, waiting: Sequence[Handover], names: Mapping[str, str], at: int, count: int
) -> list[Block]:
    """What people were asked to correct or to answer, the longest wait first: a page of it."""
    blocks = [header(_HANDOVERS.to(reader))]
    if not waiting:
        return [*blocks, section(_NO_HANDOVERS.to(reader))]
    for one in waiting:
        value = str(one.id)
        asked = escape(shortened(without_secrets(one.question), _TEXT))
        was = f"\n> {_one_line(one.answer)}" if one.answer else ""
        holder = names.get(one.holder, one.holder) if one.holder else _NOBODY.to(reader)
        since = _day(one.created_at)
        blocks += [
            section(f"*{_HANDOVER_KINDS[one.kind].to(reader)}*\n{asked}{was}"),
            quiet(_ASKED_OF.to(reader, holder=escape(holder), day=since)),
        ]
        correcting = one.kind == "correction"
        action = actions.CORRECT if correcting else actions.ANSWER
        give = button(_GIVE.to(reader), action, value, "primary")
        holds = [button(_HOLDS.to(reader), actions.IS_RIGHT, value)] if correcting else []
        blocks += row(give, *holds)
    return [*blocks, *pager(reader, at, HANDOVERS_SHOWN, count)]


def findings_blocks(reader: Language, page: Page, names: Mapping[str, str]) -> list[Block]:
    """Conflicts, verified answers that may not hold any more, and stale documents."""
    blocks = [header(_FINDINGS.to(reader))]
    if not page.compared:
        blocks.append(quiet(_COMPARING.to(reader)))
    if not page.items:
        return [*blocks, section(_NO_FINDINGS.to(reader))]
    for one in page.items:
        if isinstance(one, StaleAnswer):
            blocks += _stale_answer(reader, one)
        else:
            blocks += _finding(reader, one, names)
    return [*blocks, *pager(reader, page.at, FINDINGS_SHOWN, page.count)]


def _finding(reader: Language, one: Finding, names: Mapping[str, str]) -> list[Block]:
    documents = [one.document, *([one.other] if one.other else [])]
    lines = [f"*{_what(reader, one)}*"]
    for place, document in enumerate(documents):
        said = f"\n> {_one_line(one.says[place])}" if one.says else ""
        lines.append(f"{_link(document)}{said}")
    owners = dict.fromkeys(names.get(d.owner, d.owner) for d in documents if d.owner)
    named = [quiet(_OWNER.to(reader, owner=escape(", ".join(owners))))] if owners else []
    settle = button(_RIGHT.to(reader), actions.FINDING_SETTLE, one.key)
    ask = button(_ASK_OWNER.to(reader), actions.FINDING_ASK, one.key, "primary")
    return [section("\n".join(lines)), *named, *row(*([ask] if owners else []), settle)]


def _stale_answer(reader: Language, one: StaleAnswer) -> list[Block]:
    """With the buttons that its author was sent; an admin may press them as well."""
    said = f"*{_OUTDATED.to(reader)}*\n{_one_line(one.question)}\n> {_one_line(one.answer)}"
    by = _VERIFIED_BY.to(reader, name=escape(one.author_name), day=_day(one.created_at))
    holds = button(_HOLDS_STILL.to(reader), actions.STILL_HOLDS, str(one.id), "primary")
    forget = button(_FORGET.to(reader), actions.FORGET, str(one.id), "danger")
    return [section(said), quiet(by), *row(holds, forget)]


def _what(reader: Language, one: Finding) -> str:
    if one.kind == "conflict":
        return _CONFLICT.to(reader)
    text = _EXPIRED if one.kind == "expired" else _UNCHANGED
    return text.to(reader, day=_day(one.since), **({"count": one.cited} if one.cited else {}))


def _link(document: Named) -> str:
    return link(document.uri, document.title or document.uri)


def _one_line(text: str) -> str:
    return escape(shortened(" ".join(without_secrets(text).split()), _TEXT))


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "–"


_TO_OWNER = Text(
    "Somebody should look at {document}, and it is yours: {what}. Please mend it at its source and "
    "upload it again, or tell an admin that it is right as it stands.",
    "请您检查您负责的文档 {document}：{what}。请在来源处修改后重新上传，或告知管理员内容无误。",
)


def owner_request(reader: Language, one: Finding, document: Named) -> str:
    """What the owner of a document is asked, in mrkdwn."""
    said = "".join(f"\n> {_one_line(line)}" for line in one.says)
    other = one.other if one.document == document else one.document
    against = f"\n{_link(other)}" if other else ""
    asked = _TO_OWNER.to(reader, document=_link(document), what=_what(reader, one))
    return f"{asked}{said}{against}"
