"""What Knowhow says in its own words, in English and Chinese."""

import re

from agent.reading.languages import Language
from agent.texts import Text

QUOTED = Text(
    "Quoted from your documents; no chat model is configured.", "摘自您的文档；没有配置对话模型。"
)
QUOTED_BECAUSE = Text("Quoted from your documents, because {why}.", "摘自您的文档，因为{why}。")
WRITTEN_INSTEAD = Text("Written by {model}, because {why}.", "由 {model} 撰写，因为{why}。")
CITED_NOTHING = Text("the chat model cited nothing it was given", "对话模型没有引用给它的任何内容")
SET_PHRASE = Text("A set phrase, because {why}.", "这是固定用语，因为{why}。")

_THANKS = re.compile(r"\b(thank|thanks|thx|ty|cheers|appreciate)|谢|感谢|辛苦", re.IGNORECASE)
_FAREWELL = re.compile(r"\b(bye|goodbye|see you|good night|cya)\b|再见|拜拜|晚安", re.IGNORECASE)
_ABOUT = re.compile(
    r"\b(who|what) (are|r) (you|u)\b|\bwhat (can|do) you\b|\bhow can you help|\byour name\b"
    r"|\b(are you|you are) (a |an )?(bot|human|robot|ai|real)\b|\bhelp\W*$"
    r"|你是谁|你叫什么|能做什么|会做什么|能帮|机器人|你会什么",
    re.IGNORECASE,
)
_WELL_BEING = re.compile(
    r"\bhow (are|r) (you|u)\b|how'?s it going|what'?s up|你好吗|最近怎么样", re.IGNORECASE
)

_SMALL_TALK: dict[str, dict[Language, str]] = {
    "thanks": {"en": "You're welcome!", "zh": "不客气！"},
    "farewell": {"en": "Bye, see you soon!", "zh": "再见！"},
    "about": {
        "en": "I'm Knowhow. Ask me about anything your team has written down or has taught me: "
        "I answer with sources, and say so when I don't know.",
        "zh": "我是 Knowhow。团队写下的文档、教给我的答案，都可以问我；"
        "我会注明出处，不知道的也会直说。",
    },
    "well-being": {
        "en": "All well, thank you! What would you like to know?",
        "zh": "一切都好，谢谢！您想了解什么？",
    },
    "greeting": {"en": "Hello! What would you like to know?", "zh": "您好！您想了解什么？"},
}
_UNKNOWN: dict[Language, str] = {
    "en": "I don't know: I found nothing that answers this.",
    "zh": "我不知道：没有找到能回答这个问题的内容。",
}
_UNSURE: dict[Language, str] = {
    "en": "I am not sure enough to answer: less than the {:.0%} that are wanted here.",
    "zh": "我的把握不足 {:.0%}，达不到这里的要求，所以不作回答。",
}
_CLARIFY: dict[Language, str] = {
    "en": "I'm not sure what this refers to. Could you ask it again in full?",
    "zh": "我不确定您指的是什么，能把问题说完整一些吗？",
}


def small_talk(text: str, spoken: Language) -> str:
    """A short friendly reply."""
    kinds = (("thanks", _THANKS), ("farewell", _FAREWELL), ("about", _ABOUT))
    for kind, pattern in (*kinds, ("well-being", _WELL_BEING)):
        if pattern.search(text):
            return _SMALL_TALK[kind][spoken]
    return _SMALL_TALK["greeting"][spoken]


def unknown(spoken: Language, wanted: float = 0.0) -> str:
    """That the answer is not known, or not as surely as is wanted."""
    return _UNSURE[spoken].format(wanted) if wanted else _UNKNOWN[spoken]


def clarify(spoken: Language) -> str:
    """A question back."""
    return _CLARIFY[spoken]
