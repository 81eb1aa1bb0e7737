"""The language that a reply of Knowhow's own words is given in: the question's, if it is known."""

from typing import Literal

from knowledge.embedding.scripts import dominant_script

Language = Literal["en", "zh"]


def language(text: str) -> Language:
    """Chinese for a text mostly in Chinese characters, else English."""
    kana = any("\u3040" <= character <= "\u30ff" for character in text)
    return "zh" if dominant_script(text) == "cjk" and not kana else "en"
