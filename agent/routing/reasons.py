"""A decision's reason in words, with the numbers that it rests on."""

from agent.learned.domain import Estimate
from agent.texts import Said, Text
from knowledge.documents import Signals

_SHOWN = 0.05

SMALL_TALK = Text(
    "It is small talk (closeness {closeness:.2f}).", "这是寒暄（相近度 {closeness:.2f}）。"
)
NO_WORD = Text("It holds no word to search for.", "其中没有可供搜索的词。")
LOST = Text(
    "It refers to something said before, and nothing was.",
    "它指的是之前说过的内容，但之前没有对话。",
)
UNSURE = Text(
    "The domain model is less sure than the {least:.0%} that are wanted here.",
    "领域模型的把握达不到这里要求的 {least:.0%}。",
)
BOTH = Text("{knows}, and {passage} and adds to it.", "{knows}，而且{passage}，可作补充。")
DOMAIN = Text("{knows}; {passage}.", "{knows}；{passage}。")
KNOWLEDGE = Text("The documents: {passage}; {doubt}.", "查文档：{passage}；{doubt}。")
NEITHER = Text(
    "Neither side knows it: {passage}, and {doubt}.", "两边都不知道：{passage}，而且{doubt}。"
)
RULED = Text("{rule}; {passage}.", "{rule}；{passage}。")
RULED_OUT = Text("{rule}, and {passage}.", "{rule}，而{passage}。")
NO_DOCUMENT = Text("no document comes near", "没有相近的文档")

_COVERS = Text(
    "the best passage covers {share:.0%} of the question", "最接近的段落涵盖了问题的 {share:.0%}"
)
_REACHES = Text("the best passage reaches {dense:.2f}", "最接近的段落相似度为 {dense:.2f}")
_BEYOND = Text(
    "{reaches} ({match:.2f} beyond what all such questions share)",
    "{reaches}（除去同类问题的共同部分后为 {match:.2f}）",
)
_KNOWS = Text("The domain model knows {topic}", "领域模型知道{topic}")
_NOT_LIVE = Text("no domain model is live", "没有启用领域模型")
_NOT_TAUGHT = Text("the domain model was taught nothing of the kind", "领域模型没有学过这类内容")
_NOT_SURE = Text("the domain model is not sure enough of {topic}", "领域模型对{topic}把握不足")
_OUT_OF_DATE = Text(
    "what the domain model was taught about '{topic}' is out of date",
    "领域模型学过的“{topic}”已经过时",
)
_NEAREST = Text("the domain model's nearest is {topic}", "领域模型最接近的是{topic}")
_TOPIC = Text(
    "'{topic}' (similarity {similarity:.2f}, confidence {confidence:.2f})",
    "“{topic}”（相似度 {similarity:.2f}，置信度 {confidence:.2f}）",
)


def passage(signals: Signals, match: float) -> Said:
    """How near the best passage comes; ``match`` is what was decided by."""
    if signals.dense is None:
        return _COVERS.filled(share=signals.coverage)
    reaches = _REACHES.filled(dense=signals.dense)
    if abs(signals.dense - match) < _SHOWN:
        return reaches
    return _BEYOND.filled(reaches=reaches, match=match)


def knows(estimate: Estimate) -> Said:
    """That the domain model has the answer."""
    return _KNOWS.filled(topic=_topic(estimate))


def knows_not(estimate: Estimate | None, *, unsure: bool = False) -> Said:
    """Why the domain model is not asked."""
    if estimate is None:
        return _NOT_LIVE.filled()
    if not estimate.topic:
        return _NOT_TAUGHT.filled()
    if unsure:
        return _NOT_SURE.filled(topic=_topic(estimate))
    if not estimate.confidence:
        return _OUT_OF_DATE.filled(topic=estimate.topic)
    return _NEAREST.filled(topic=_topic(estimate))


def _topic(estimate: Estimate) -> Said:
    return _TOPIC.filled(
        topic=estimate.topic, similarity=estimate.similarity, confidence=estimate.confidence
    )
