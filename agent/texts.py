"""What a person is told, in both languages of the interface."""

from dataclasses import dataclass

from agent.reading.languages import Language


@dataclass(frozen=True, slots=True)
class Text:
    """One saying in English and in Simplified Chinese, with the same ``{places}`` in both.

    What fills the places is escaped by whoever renders the result, not here.
    """

    en: str
    zh: str

    def to(self, reader: Language, **places: object) -> str:
        """The saying in the reader's language. Raises KeyError for a place that is not filled."""
        return (self.zh if reader == "zh" else self.en).format(**places)
