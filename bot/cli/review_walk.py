"""The walk through the review: a key for each decision, from a terminal or from piped lines."""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from bot.cli.console import err, out
from bot.cli.review_view import question_view

if TYPE_CHECKING:
    from rich.text import Text

    from agent.tuning.review_queue import Question
    from agent.tuning.reviewing import Decision, Reviewer
    from knowledge.database import Database

_NEW_LINE = "⏎"
"""Stands for a line's end where a text is worked on in one line."""

_KEYS = 9


class Walk:
    """One question after another; what was decided can be undone, back to the first."""

    def __init__(self, database: "Database", author: str, questions: "Sequence[Question]") -> None:
        self._database = database
        self._author = author
        self._questions = questions
        self._place = 0
        self._decided: list[tuple[int, UUID]] = []

    async def to_its_end(self) -> None:
        """Until the last question, or until the person has enough."""
        from agent.tuning.review_queue import as_it_stands

        while self._place < len(self._questions):
            question = await as_it_stands(self._database, self._questions[self._place])
            if question is None:  # settled by another decision, or by somebody else
                self._place += 1
                continue
            out().print(question_view(question, self._place + 1, len(self._questions)))
            if not await self._asked(question):
                break
        left = len(self._questions) - self._place
        done = f"{len(self._decided)} decided"
        out().print(f"\n{done}, {left} left." if left else f"\n{done}.", markup=False)

    async def _asked(self, question: "Question") -> bool:
        """Ask until something is done; False to leave."""
        from agent.errors import AgentError
        from knowledge.errors import KnowledgeError

        while True:
            out().print(_choices(question, undo=bool(self._decided)), end=" ")
            key = await asyncio.to_thread(_key)
            if key == "q":
                return False
            if key == "n":
                self._place += 1
                return True
            if key == "u" and self._decided:
                await self._undone()
                return True
            try:
                decision = await self._decision(question, key)
            except (AgentError, KnowledgeError) as error:
                err().print(str(error), style="red", markup=False, soft_wrap=True)
                continue
            if decision is not None:
                self._decided.append((self._place, decision.run))
                self._place += 1
                return True

    async def _undone(self) -> None:
        from agent.tuning.pair_log import undo

        self._place, last = self._decided.pop()
        await undo(self._database, self._author, run=last)
        out().print("Undone.", style="dim")

    async def _decision(self, question: "Question", key: str) -> "Decision | None":
        """None where the key means nothing here, or the person named no pair."""
        from agent.tuning.reviewing import Reviewer, approve, merge, reject

        by = Reviewer(self._author, item=question.item.id if question.item else None)
        meant = list(question.item.meant) if question.item else [question.pairs[0].id]
        if key == "a":
            return await approve(self._database, meant, by)
        if key == "r":
            which = await _which("Reject", question, every=len(meant) > 1) if meant[1:] else meant
            return await reject(self._database, which, by) if which else None
        if key == "m" and len(question.pairs) > 1:
            model = await _which("The right answer is", question)
            return await merge(self._database, meant, model[0], by) if model else None
        if key == "e":
            which = await _which("Edit", question) if meant[1:] else meant
            return await self._edited(question, which[0], by) if which else None
        return None

    async def _edited(self, question: "Question", number: int, by: "Reviewer") -> "Decision":
        from agent.tuning.reviewing import edit

        one = next(pair for pair in question.pairs if pair.id == number)
        out().print("Enter keeps what is there.", style="dim")
        texts = [
            await asyncio.to_thread(_line, *said)
            for said in (("question", one.question), ("answer", one.answer))
        ]
        return await edit(self._database, number, by, question=texts[0], answer=texts[1])


def _choices(question: "Question", *, undo: bool) -> "Text":
    """The keys that do something here."""
    from rich.text import Text

    several = len(question.pairs) > 1
    approve = "keep all" if question.item and len(question.item.meant) > 1 else "approve"
    keys = [("a", approve), ("e", "edit"), ("r", "reject")]
    keys += [("m", "merge")] * several + [("n", "next")] + [("u", "undo")] * undo + [("q", "quit")]
    line = Text()
    for key, does in keys:
        line.append(key, style="bold cyan")
        line.append(f" {does}   ")
    line.rstrip()
    line.append(" ›", style="dim")
    return line


async def _which(does: str, question: "Question", *, every: bool = False) -> list[int]:
    """The pair that the person names by its place; empty where it is none of them."""
    count = len(question.pairs)
    all_of_them = ", Enter: all" if every else ""
    out().print(f"{does} which? 1–{count}{all_of_them}", end=" ", markup=False)
    said = await asyncio.to_thread(_key if count <= _KEYS else _number)
    if every and said == "n":
        return [one.id for one in question.pairs]
    place = int(said) if said.isdecimal() else 0
    return [question.pairs[place - 1].id] if 1 <= place <= count else []


def _number() -> str:
    """More than a key can say."""
    return sys.stdin.readline().strip() or "n"


def _key() -> str:
    """One key in a terminal, the first of a line elsewhere; Enter is ``n``, the end is ``q``."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        sys.stdout.write("\n")
        return (line.strip()[:1].lower() or "n") if line else "q"
    key = _pressed()
    sys.stdout.write(f"{key}\n" if key.isprintable() else "\n")
    return {"\r": "n", "\x04": "q", "": "q"}.get(key, key.lower())


def _pressed() -> str:
    """One key; what else came with it is dropped: an arrow's last letter must not approve.

    Unlike click's, it leaves alone what was typed while the screen was drawn.
    """
    import termios
    import tty

    screen = sys.stdin.fileno()
    before = termios.tcgetattr(screen)
    tty.setraw(screen, termios.TCSADRAIN)
    try:
        key = os.read(screen, 32).decode(errors="replace")[:1]
    finally:
        termios.tcsetattr(screen, termios.TCSADRAIN, before)
    if key == "\x03":
        raise KeyboardInterrupt
    return key


def _line(what: str, now: str) -> str:
    """A new text for one; in a terminal the present one can be worked on."""
    before = now.replace("\n", _NEW_LINE)
    typed = sys.stdin.isatty()
    try:
        line = _worked_on(f"{what}: ", before) if typed else sys.stdin.readline()
    except EOFError:
        line = ""
    return line.strip().replace(_NEW_LINE, "\n") or now


def _worked_on(prompt: str, before: str) -> str:
    import readline

    readline.set_startup_hook(lambda: readline.insert_text(before))
    try:
        return input(prompt)
    finally:
        readline.set_startup_hook()
