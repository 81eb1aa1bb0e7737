"""Whether a message that nobody is addressed in reads as a question, in English or Chinese."""

import re

_ENDS = re.compile(r"[?？][\s)\]”\"'」』）.!！。]*$|吗[\s。!！~～]*$")
_BEGINS = re.compile(
    r"^(?:(?:hi|hey|hello|so|ok|and|but|please|quick question|question)\b[\s,:!-]*){0,4}"
    r"(?:what|which|who|whom|whose|when|where|why|how|anyone know|any idea)(?:['’]?s|n['’]t)?\b",
    re.IGNORECASE,
)
_BEGINS_HAN = re.compile(
    r"^(?:请问|谁|什么|怎么|怎样|如何|为什么|为何|哪|几|多少|多久|何时|能否|能不能|可否|可不可以|"
    r"是否|是不是|有没有|有谁)"
)


def reads_as_question(text: str) -> bool:
    """It ends with a question mark, or begins with a word that asks.

    ``Can you``, ``Have a nice day``: what a verb opens counts only with its question mark.
    """
    line = text.strip()
    return any(pattern.search(line) for pattern in (_ENDS, _BEGINS, _BEGINS_HAN))
