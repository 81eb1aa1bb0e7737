"""Says in Chinese what was made, or kept, as an English sentence.

Verdicts and reasons are stored as they were said, and the knowledge layer knows no reader: whoever
shows such a sentence to a person finds it here by its form. What has no form here stays as it is.
"""

import re
from collections.abc import Iterable

from agent.reading.languages import Language
from agent.texts import Text

_PLACE = re.compile(r"\{(\w+)\}")


class Retelling:
    """Sentences by their form: the text's ``{places}`` stand for anything, retold themselves."""

    def __init__(self, texts: Iterable[Text]) -> None:
        # What begins with words of its own comes first, then what has the most of them.
        ordered = sorted(texts, key=lambda one: (one.en[0] == "{", -len(_PLACE.sub("", one.en))))
        self._forms = [(_form(one.en), one) for one in ordered]

    def to(self, said: str, reader: Language) -> str:
        """The sentence in the reader's language."""
        return said if reader == "en" else self._retold(said)

    def _retold(self, said: str) -> str:
        for form, text in self._forms:
            if found := form.fullmatch(said):
                places = {name: self._retold(one) for name, one in found.groupdict().items()}
                return text.to("zh", **places)
        parts = said.split("; ")
        return "；".join(self._retold(one) for one in parts) if len(parts) > 1 else said


def _form(text: str) -> re.Pattern[str]:
    pieces = _PLACE.split(text)
    return re.compile(
        "".join(
            f"(?P<{piece}>.+?)" if number % 2 else re.escape(piece)
            for number, piece in enumerate(pieces)
        ),
        re.DOTALL,
    )
