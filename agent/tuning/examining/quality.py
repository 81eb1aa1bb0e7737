"""Pairs that teach nothing: symbols, noise, an echo, an unfinished or a garbled text."""

import re
from collections.abc import Sequence

from agent.tuning.examining.findings import Examined, Finding, World
from agent.tuning.examining.folding import folded, folded_answer

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_LEAST_LETTERS = 0.4
_JUDGED = 12  # characters; shorter texts are judged by their length alone
_SIGN = re.compile(r"[^\w\s]|_")
_REPEATED = re.compile(r"([^\W\d_])\1{6,}|(?<!\S)(\S{2,30})(?:\s+\2){4,}(?!\S)")
_UNFINISHED = re.compile(
    r"\b(?:TODO|FIXME|TBD|TBC)\b|\blorem ipsum\b|\[(?:insert|your|add|fill)\b[^\]]{0,40}\]"
    r"|\b(?i:to be (?:written|completed|determined|confirmed|added)|coming soon)\b"
    r"|待补充|待定|待完善|待确认|此处填写|敬请期待"
)
_GARBLED = re.compile(
    r"\ufffd|Ã[\x80-\xbf©¨¤¶¼±³¡]|â€[™œ“”\x9d¦˜]|Â[\xa0°»«]|ï»¿|锟斤拷|烫烫烫|ä¸|æ˜¯|çš„"
)


def find(pairs: Sequence[Examined], _: World) -> list[Finding]:
    """One finding a pair, with every fault in its line."""
    found = []
    for one in pairs:
        faults = [
            *(f"the question {fault}" for fault in _faults(one.question)),
            *(f"the answer {fault}" for fault in _faults(one.answer)),
            *(f"the answer {fault}" for fault in _of_answer(one)),
        ]
        if faults:
            found.append(Finding("low quality", "queue", (one.id,), "; ".join(faults)))
    return found


def _faults(text: str) -> list[str]:
    said = _ADDRESS.sub(" ", text)
    signs = len("".join(said.split()))
    letters = signs - len(_SIGN.findall(said))
    faults = []
    if len(text) >= _JUDGED and letters < _LEAST_LETTERS * max(signs, 1):
        faults.append("is mostly symbols")
    if _REPEATED.search(text):
        faults.append("repeats itself")
    if _GARBLED.search(text):
        faults.append("has characters of a wrong encoding")
    return faults


def _of_answer(pair: Examined) -> list[str]:
    faults = []
    if not re.search(r"\w", _ADDRESS.sub("", pair.answer)):
        faults.append("says nothing in words")
    if folded(pair.question) == folded_answer(pair.answer):
        faults.append("is the question")
    if _UNFINISHED.search(pair.answer):
        faults.append("is unfinished")
    return faults
