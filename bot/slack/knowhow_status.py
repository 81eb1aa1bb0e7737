"""``/knowhow status`` and ``/knowhow documents``: what there is, for the person's own eyes."""

from agent.answer_rate import answer_rate
from agent.learned.registry import Registry
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack.actions import DOCUMENTS_PAGE
from bot.slack.blocks import Block, Message
from bot.slack.mrkdwn import escape, link
from bot.slack.subcommands import Invocation, said
from knowledge.storage.visible import Page, held_for, visible_page

STATUS = Text(
    en="*What you may see*: {documents:,} documents, {chunks:,} passages\n"
    "*Collections*: {collections}\n*Domain model*: {model}\n*Answered in 30 days*: {rate}",
    zh="*您可以查看*：{documents:,} 份文档，{chunks:,} 个段落\n"
    "*集合*：{collections}\n*领域模型*：{model}\n*30 天内的回答情况*：{rate}",
)
NONE = Text(en="none", zh="无")
VERSION = Text(en="version {version}", zh="第 {version} 版")
RATE = Text(
    en="{answered:,} of {asked:,} questions ({share:.0%})",
    zh="{asked:,} 个问题中的 {answered:,} 个（{share:.0%}）",
)
NOTHING_ASKED = Text(en="nothing was asked", zh="没有人提问")
NO_DOCUMENTS = Text(
    en="There are no documents that you may see yet.", zh="目前还没有您可以查看的文档。"
)
SHOWN = Text(
    en="Documents {first}–{last} of {total:,}", zh="第 {first}–{last} 份，共 {total:,} 份文档"
)
EARLIER = Text(en="Previous", zh="上一页")
LATER = Text(en="Next", zh="下一页")

_A_PAGE = 10
_LONGEST_TITLE = 120


async def status(asked: Invocation) -> Message:
    """Counts, the live model, and how many questions are answered."""
    engine, language = asked.desk.database.engine, asked.language
    reader = await asked.workspace.belonging.alone(asked.person.id)
    held = await held_for(engine, reader)
    version = await Registry(asked.desk.database).live_version()
    answered, wanted = await answer_rate(asked.desk.database, asked.team)
    none, rate = NONE.to(language), NOTHING_ASKED.to(language)
    if wanted:
        rate = RATE.to(language, answered=answered, asked=wanted, share=answered / wanted)
    model = none if version is None else VERSION.to(language, version=version)
    names = escape(", ".join(held.collections)) or none
    counts = {"documents": held.documents, "chunks": held.chunks}
    return said(STATUS.to(language, **counts, collections=names, model=model, rate=rate))


async def documents(asked: Invocation) -> Message:
    """A page of what the person may see, with links; ``rest`` is how many come before it."""
    offset = min(int(asked.rest), 1_000_000) if asked.rest.isdecimal() else 0
    reader = await asked.workspace.belonging.alone(asked.person.id)
    page = await visible_page(asked.desk.database.engine, reader, offset, _A_PAGE)
    if offset and not page.documents:  # they have become fewer meanwhile
        page = await visible_page(asked.desk.database.engine, reader, 0, _A_PAGE)
    return documents_message(page, asked.language)


def documents_message(page: Page, language: Language) -> Message:
    """The list with its buttons."""
    if not page.documents:
        return said(NO_DOCUMENTS.to(language))
    lines = [
        f"• {link(one.uri, (one.title or one.uri)[:_LONGEST_TITLE])} · "
        f"{escape(one.collection)} · {one.updated_at:%Y-%m-%d}"
        for one in page.documents
    ]
    last = page.offset + len(page.documents)
    counts = {"first": page.offset + 1, "last": last, "total": page.total}
    head = SHOWN.to(language, **counts)
    sections: list[Block] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": line[:3000], "verbatim": True}}
        for line in (f"*{head}*", *lines)
    ]
    buttons = [
        _button(text.to(language), offset)
        for text, offset, there in (
            (EARLIER, max(0, page.offset - _A_PAGE), page.offset > 0),
            (LATER, last, last < page.total),
        )
        if there
    ]
    actions: list[Block] = [{"type": "actions", "elements": buttons}] if buttons else []
    return Message("\n".join((head, *lines)), (*sections, *actions))


def _button(label: str, offset: int) -> Block:
    return {
        "type": "button",
        "action_id": f"{DOCUMENTS_PAGE}:{offset}",
        "text": {"type": "plain_text", "text": label},
        "value": str(offset),
    }
