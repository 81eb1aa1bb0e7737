"""What a person is told, in both languages of the interface."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.reading.languages import Language


@dataclass(frozen=True, slots=True)
class Said:
    """A saying with its places filled, in both languages: who reads it is known only later."""

    en: str = ""
    zh: str = ""

    def to(self, reader: "Language") -> str:
        """The saying in the reader's language."""
        return self.zh if reader == "zh" else self.en

    def __str__(self) -> str:
        return self.en

    def __bool__(self) -> bool:
        return bool(self.en)


@dataclass(frozen=True, slots=True)
class Text:
    """One saying in English and in Simplified Chinese, with the same ``{places}`` in both.

    What fills the places is escaped by whoever renders the result, not here; a `Said` fills them
    in the language of the whole.
    """

    en: str
    zh: str

    def to(self, reader: "Language", **places: object) -> str:
        """The saying in the reader's language. Raises KeyError for a place that is not filled."""
        filled = {
            name: place.to(reader) if isinstance(place, Said) else place
            for name, place in places.items()
        }
        return (self.zh if reader == "zh" else self.en).format(**filled)

    def filled(self, **places: object) -> Said:
        """The saying in both languages. Raises KeyError for a place that is not filled."""
        return Said(self.to("en", **places), self.to("zh", **places))


def joined(*sayings: Said) -> Said:
    """One after the other, without the empty ones."""
    there = [one for one in sayings if one]
    return Said(" ".join(one.en for one in there), "".join(one.zh for one in there))
