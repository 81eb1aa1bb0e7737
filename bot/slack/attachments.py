"""The files that come with a question: read for its conversation, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from agent.answers import Answer, Question
from agent.mentions import AttachedFile, Mention
from agent.reading.languages import Language
from agent.retold import retold
from agent.texts import Text
from bot.jobs.notices import notice
from bot.slack.files import read_file
from bot.slack.workspaces import Workspace
from knowledge.documents import ATTACHED, Document
from knowledge.errors import UnreadableDocument
from knowledge.parsing import known_formats
from knowledge.storage.attached import attached_draft, kept_sources
from knowledge.storage.ingest import ingest
from knowledge.storage.library import Library

TITLE = Text(en="attached: {name}", zh="附件：{name}")
UNREAD = Text(en="I could not read {name}: {reason}.", zh="我无法读取 {name}：{reason}。")
CUT = Text(
    en="Of {name} I read only the first {limit:,} characters.",
    zh="{name} 我只读了前 {limit:,} 个字符。",
)
TOO_MANY = Text(
    en="there are more than {limit} files; attach it on its own",
    zh="文件超过 {limit} 个；请单独上传",
)
READ = Text(
    en="I have read {name} ({characters:,} characters). Ask me about it here in this thread; "
    "I keep it for a day, for this conversation only.",
    zh="我已读完 {name}（{characters:,} 个字符）。请在这个消息串里向我提问；"
    "我只为这次对话保留它一天。",
)
PARTS = Text(en="It is about:", zh="其中包括：")

_MOST = 10
_LONGEST = 600_000
"""Characters read of a file, some hundred pages: encoding them takes about ten seconds."""

_PARTS = 6


@dataclass(frozen=True, slots=True)
class Attached:
    """What a question's conversation has of files; ``notes`` say what could not be read."""

    conversation: str | None = None
    documents: tuple[Document, ...] = ()
    notes: tuple[str, ...] = ()
    language: Language = "en"

    def beside(self, question: Question) -> Question:
        """The question, for readers who may see the conversation's files beside all else."""
        if self.conversation is None:
            return question
        chosen = question.collections
        return replace(
            question,
            reader=question.reader.within(self.conversation),
            collections=(*chosen, ATTACHED) if chosen else (),
        )

    def noted(self, answer: Answer) -> Answer:
        """The answer, with what it does not rest on because it could not be read."""
        return replace(answer, text="\n\n".join((answer.text, *self.notes)))

    def introduced(self) -> Answer:
        """What is said to files that came without a question."""
        read = (_introduced(document, self.language) for document in self.documents)
        return notice("\n\n".join((*read, *self.notes)))


@dataclass(frozen=True, slots=True)
class Attachments:
    """Reads files into the library, where only their conversation finds them."""

    library: Library

    async def read(
        self, workspace: Workspace, mention: Mention, earlier: Sequence[AttachedFile] = ()
    ) -> Attached:
        """The files of the question and of what was said before it, each read once.

        Of the earlier ones only those are tried whose format is known.
        """
        conversation = (mention.thread or str(mention.id)).replace(":", ".")
        files = {file.id: file for file in (*filter(_is_known, earlier), *mention.files)}
        kept = await kept_sources(self.library.autocommit, conversation)
        if not files:
            return Attached(conversation if kept else None)
        language = (await workspace.people.about(mention.person)).language
        documents = []
        notes = [
            UNREAD.to(language, name=_shown(file.name), reason=TOO_MANY.to(language, limit=_MOST))
            for file in tuple(files.values())[_MOST:]
        ]
        for file in tuple(files.values())[:_MOST]:
            source = f"{conversation}/{file.id}"
            if source in kept and mention.text:
                continue
            name = _shown(file.name)
            try:
                document = await read_file(workspace.client, file, source, language)
            except UnreadableDocument as error:
                notes.append(
                    UNREAD.to(
                        language, name=name, reason=retold(str(error), language).rstrip(".。")
                    )
                )
                continue
            if len(document.text) > _LONGEST:
                notes.append(CUT.to(language, name=name, limit=_LONGEST))
            documents.append(replace(document, text=document.text[:_LONGEST]))
        drafts = [
            attached_draft(replace(one, title=TITLE.to(language, name=one.title)), conversation)
            for one in documents
        ]
        done = await ingest(drafts, self.library, self.library.encoder)
        notes += [
            UNREAD.to(language, name=one.uri, reason=retold(one.reason, language))
            for one in done.failed
        ]
        there = bool(kept or done.sources)
        return Attached(conversation if there else None, tuple(documents), tuple(notes), language)


def _is_known(file: AttachedFile) -> bool:
    return PurePath(file.name).suffix.lower() in known_formats()


def _introduced(document: Document, language: Language) -> str:
    name = _shown(document.title)
    titles = [
        line.lstrip("# ").strip() for line in document.text.splitlines() if line.startswith("#")
    ]
    said = READ.to(language, name=name, characters=len(document.text))
    if len(titles) < 2:  # noqa: PLR2004 - one heading is the title
        return said
    parts = "\n".join(f"* {title}" for title in titles[:_PARTS])
    return f"{said}\n\n{PARTS.to(language)}\n\n{parts}"


def _shown(name: str) -> str:
    """A file's name as code: whatever is in it, it formats nothing."""
    return f"`{name.replace('`', 'ˋ')}`"
