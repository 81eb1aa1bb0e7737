"""Answers that are none: a model trained on them learns to decline."""

import re
from collections.abc import Sequence

from agent.tuning.examining.findings import Examined, Finding, World

_SPAN = 160  # characters at the start: what a long answer says later is about something else
_REFUSAL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|\bi(?:'m| am) (?:just |only )?an? (?:ai|language model)\b"
    r"|^\W*(?:sorry,? |i'm sorry,? |i am sorry,? |unfortunately,? |i'm afraid |apologies,? )*"
    r"(?:but )?(?:i|we) (?:really |honestly )?"
    r"(?:do(?:n't| not) (?:know(?! an? )"
    r"|have (?:an?|any|the|enough) (?:answer|information|idea|access))"
    r"|ca(?:n't|nnot|n not) (?:help|assist|answer|provide|discuss)"
    r"|(?:am|'m) (?:not sure|unable to|not able to)|have no idea|could(?:n't| not) find)"
    r"|^\W*(?:no idea|not sure|dunno|idk|unknown|n/?a|no answer|no information)\W*$"
    r"|^\W*i(?:'m| am) (?:not sure|unable to|not able to)"
    r"|作为(?:一个|一名)?(?:ai|人工智能|语言模型|大模型)"
    r"|^\W*(?:抱歉|对不起|不好意思|很遗憾)?[,，。\s]*(?:我|我们|本人)?(?:也)?(?:并)?"
    r"(?:不知道|不清楚|不太清楚|不确定|无法(?:回答|提供|帮助|解答)|没有相关信息|暂无(?:答案|信息))",
    re.IGNORECASE,
)


def find(pairs: Sequence[Examined], _: World) -> list[Finding]:
    """One finding a pair whose answer declines."""
    return [
        Finding("refusal", "queue", (one.id,), "the answer declines to answer")
        for one in pairs
        if _REFUSAL.search(one.answer[:_SPAN].replace("’", "'"))
    ]
