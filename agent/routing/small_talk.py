"""How close a message is to small talk: greetings, thanks, farewells, questions about the bot."""

import numpy as np
from numpy.typing import NDArray

from agent.learned.ngrams import Ngrams
from knowledge.embedding import Encoder

_ENGLISH = (
    "hi",
    "hello",
    "hey",
    "hi there",
    "hey there",
    "hello bot",
    "good morning",
    "good afternoon",
    "good evening",
    "good night",
    "how are you?",
    "how are you doing today?",
    "how is it going?",
    "what's up?",
    "nice to meet you",
    "thanks",
    "thank you",
    "thank you very much",
    "thx",
    "thanks for your help",
    "that was helpful, thanks",
    "great, thanks",
    "awesome",
    "cool",
    "perfect",
    "well done",
    "good bot",
    "ok",
    "okay, got it",
    "lol",
    "haha",
    "sorry",
    "never mind",
    "bye",
    "goodbye",
    "see you later",
    "have a nice day",
    "who are you?",
    "what are you?",
    "what is your name?",
    "are you a bot?",
    "are you human?",
    "are you real?",
    "what can you do?",
    "what can you help me with?",
    "how can you help me?",
    "what questions can you answer?",
    "what can I ask you?",
    "tell me about yourself",
    "who made you?",
    "can you help me?",
    "are you there?",
    "help",
    "test",
)

_CHINESE = (
    "你好",
    "您好",
    "你好啊",
    "大家好",
    "嗨",
    "哈喽",
    "在吗",
    "早上好",
    "早",
    "下午好",
    "晚上好",
    "晚安",
    "你好吗",
    "最近怎么样",
    "谢谢",
    "谢谢你",
    "多谢",
    "非常感谢",
    "谢谢，很有帮助",
    "辛苦了",
    "太好了",
    "太棒了",
    "好的",
    "明白了",
    "知道了",
    "收到",
    "哈哈",
    "对不起",
    "没关系",
    "再见",
    "拜拜",
    "回头见",
    "你是谁",
    "你叫什么名字",
    "你是机器人吗",
    "你是真人吗",
    "你能做什么",
    "你可以做什么",
    "你会做什么",
    "你能帮我什么",
    "你能回答什么问题",
    "介绍一下你自己",
    "谁开发了你",
    "帮助",
    "测试",
)


class SmallTalk:
    """Compares with phrases: by meaning where the encoder reads the script, else by characters.

    The phrases are encoded at the first message.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._ngrams = Ngrams(np.ones_like(Ngrams.fit(()).idf))
        self._spelled = self._ngrams.vectors(_CHINESE)
        self._encoded: NDArray[np.float32] | None = None

    async def closeness(self, text: str, vector: NDArray[np.float32] | None) -> float:
        """The best cosine to a phrase, in 0..1; ``vector`` is the text's where it is covered."""
        if vector is None:
            return _best(self._spelled, self._ngrams.vector(text))
        if self._encoded is None:
            self._encoded = await self._encoder.encode(_ENGLISH)
        return _best(self._encoded, vector)


def _best(phrases: NDArray[np.float32], vector: NDArray[np.float32]) -> float:
    return max(0.0, float((phrases @ vector).max()))
