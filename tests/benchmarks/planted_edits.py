"""How people write the same question again without saying anything new, and ask it otherwise."""

import random
import re
import string

_NEAR_KEYS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o",
    "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu",
}  # fmt: skip
_BEFORE = ["Please ", "Hi, ", "Hello! ", "Hey team, ", "hi all, ", "Quick question: ", "Hi there, "]
_AFTER = [" please", ", please?", " Thanks!", " thx", " Thank you.", " Thanks in advance"]
_BEFORE_CJK = ["请问", "请问一下，", "你好，", "您好，请问", "麻烦问一下，"]
_AFTER_CJK = ["谢谢", "？谢谢！", "呢", "，谢谢"]
_HOMOPHONES = [("账", "帐"), ("的", "得"), ("做", "作"), ("在", "再"), ("像", "象"), ("哪", "那")]


def chinese(text: str) -> bool:
    return any("\u4e00" <= one <= "\u9fff" for one in text)


def near(question: str, r: random.Random) -> str:
    """The question with one trivial edit, sometimes two; never the very same text."""
    edits = _CHINESE if chinese(question) else _ENGLISH
    written = question
    for edit in r.sample(edits, r.choice([1, 1, 2])):
        written = edit(written, r)
    while written == question:
        written = r.choice(edits)(written, r)
    return written


def exact(text: str, r: random.Random) -> str:
    """The same letters: case, spaces and marks are all that differs, or nothing."""
    forms = (
        str.upper, str.lower, str.title, _spaced,
        lambda one: f"  {one} ", lambda one: one.rstrip("?.") + "!",
        lambda one: one.replace(" ", "  "), lambda one: f"“{one}”", lambda one: one,
        lambda one: one.rstrip("?？"), lambda one: one.translate(_FULL_WIDTH),
    )  # fmt: skip
    return r.choice(forms)(text)


def _spaced(text: str) -> str:
    return text.replace("，", ", ").replace("？", " ?")


_FULL_WIDTH = {ord(one): ord(one) + 0xFEE0 for one in "?!,:;()" + string.digits}


def _case(text: str, r: random.Random) -> str:
    return r.choice([str.upper, str.lower, str.swapcase])(text)


def _typo(text: str, r: random.Random) -> str:
    """Two letters swapped, one lost, one doubled, or the key beside it, within a longer word."""
    words = list(re.finditer(r"[A-Za-z]{5,}", text))
    if not words:
        return text
    word = r.choice(words)
    place = r.randrange(word.start() + 1, word.end() - 1)
    here, after = text[place], text[place + 1]
    written = r.choice(
        [
            after + here,
            after,
            here + here + after,
            r.choice(_NEAR_KEYS.get(here.lower(), "e")) + after,
        ]
    )
    return text[:place] + written + text[place + 2 :]


def _courtesy(text: str, r: random.Random) -> str:
    if r.random() < 0.5:
        return r.choice(_BEFORE) + text[0].lower() + text[1:]
    return text.rstrip("?.! ") + r.choice(_AFTER)


def _marks(text: str, r: random.Random) -> str:
    return r.choice([text.rstrip("?.!") + "???", text.replace(",", ""), text.rstrip("?.") + " …"])


def _order(text: str, r: random.Random) -> str:
    """The last phrase goes to the front; without one, the title goes to the end."""
    found = list(re.finditer(r" (?:in|for|on|at|when|with|from|if) ", text))
    if found:
        cut = r.choice(found).start()
        return f"{text[cut + 1 :].rstrip('?.')}, {text[:cut]}?"
    title, colon, rest = text.partition(": ")
    return f"{rest} ({title})" if colon else text


def _short(text: str, _: random.Random) -> str:
    for full, short in ((" not ", "n't "), ("What is ", "What's "), ("I am ", "I'm ")):
        if full in text:
            return text.replace(full, short, 1)
        if short in text:
            return text.replace(short, full, 1)
    return text


def _greet_cjk(text: str, r: random.Random) -> str:
    return r.choice(_BEFORE_CJK) + text


def _end_cjk(text: str, r: random.Random) -> str:
    return text.rstrip("？?。") + r.choice(_AFTER_CJK)


def _asking_cjk(text: str, _: random.Random) -> str:
    return text.replace("如何", "怎么") if "如何" in text else text.replace("怎么", "如何")


def _homophone(text: str, _: random.Random) -> str:
    one, other = next((pair for pair in _HOMOPHONES if pair[0] in text), ("", ""))
    return text.replace(one, other, 1) if one else text


_ENGLISH = [_case, _typo, _typo, _courtesy, _courtesy, _marks, _order, _short]
_CHINESE = [_greet_cjk, _end_cjk, _asking_cjk, _homophone]


def other_answer(answer: str, elsewhere: str, r: random.Random) -> str:
    """An answer that cannot be true beside this one: another number, a negation, something else."""
    number = re.search(r"\d+", answer)
    if number and r.random() < 0.5:
        changed = str(int(number[0]) + r.randrange(1, 9))
        return answer[: number.start()] + changed + answer[number.end() :]
    for plain, denied in (
        (" is ", " is not "),
        (" can ", " cannot "),
        (" should ", " should not "),
    ):
        if plain in answer and r.random() < 0.5:
            return answer.replace(plain, denied, 1)
    return elsewhere
