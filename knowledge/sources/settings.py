"""What a folder's ``.knowhow.toml`` says of the documents below it.

```toml
collection = "hr"
audience = ["channel:C0123", "group:S0456"]
owner = "hr@example.org"
expires = 2027-01-31
url = "https://wiki.example.org/hr/"
exclude = ["drafts/*", "*.old.md"]
```

An inner folder's file goes over an outer one's, field by field, and all of them over the upload's
options. A file that cannot be understood keeps everything below it out: an audience misread would
show documents to people who must not see them.
"""

import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import quote

from knowledge.documents import parse_audience
from knowledge.errors import InvalidInput
from knowledge.sources.git_links import git_address
from knowledge.sources.values import Placement

SETTINGS = ".knowhow.toml"

_LONGEST = 100_000
_LONGEST_NAME = 200


_UNPLACED = Placement()


@dataclass(frozen=True, slots=True)
class Patterns:
    """Which files of a folder are documents, by their path below it."""

    folder: Path
    include: tuple[str, ...]
    exclude: tuple[str, ...]

    def allow(self, path: Path) -> bool:
        """Whether the file is wanted."""
        name = path.relative_to(self.folder).as_posix()
        wanted = not self.include or any(fnmatch(name, pattern) for pattern in self.include)
        return wanted and not any(fnmatch(name, pattern) for pattern in self.exclude)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a folder is on the web; the path of a file below it is appended."""

    folder: Path
    url: str

    def of(self, path: Path) -> str:
        """The file's address."""
        return self.url + quote(path.relative_to(self.folder).as_posix())


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds in a folder."""

    placement: Placement = _UNPLACED
    address: Address | None = None
    patterns: tuple[Patterns, ...] = ()

    def inside(self, folder: Path) -> "Settings":
        """What holds in a folder directly below; raises InvalidInput for a file that is wrong."""
        git = git_address(folder)
        outer = replace(self, address=Address(folder, git)) if git else self
        path = folder / SETTINGS
        try:
            if path.stat().st_size > _LONGEST:
                raise InvalidInput(f"{path}: it has more than {_LONGEST:,} bytes")
            fields = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return outer
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise InvalidInput(f"{path}: it cannot be read as TOML ({error})") from error
        return _merged(outer, fields, path)

    def uri(self, path: Path) -> str:
        """Where a reader finds the file."""
        return self.address.of(path) if self.address else str(path)

    def allow(self, path: Path) -> bool:
        """Whether the file is wanted."""
        return all(patterns.allow(path) for patterns in self.patterns)


def settings_above(path: Path) -> Settings:
    """What holds where a file or folder lies, from the folders around it.

    A folder that anyone may write to ends the search: a stranger's file there must not decide who
    sees a document. Raises InvalidInput as `Settings.inside` does.
    """
    around = []
    for folder in path.parents:
        if _anyone_writes(folder):
            break
        around.append(folder)
    settings = Settings()
    for folder in reversed(around):
        settings = settings.inside(folder)
    return settings


def _anyone_writes(folder: Path) -> bool:
    try:
        return bool(folder.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return True


def _merged(outer: Settings, fields: Mapping[str, Any], path: Path) -> Settings:
    for name in fields:
        if name not in _READERS:
            known = ", ".join(_READERS)
            raise InvalidInput(f"{path}: unknown setting {name!r}; there are {known}")
    read = {}
    for name, value in fields.items():
        try:
            read[name] = _READERS[name](value)
        except InvalidInput as error:
            raise InvalidInput(f"{path}: {name}: {error}") from error
    before = outer.placement
    placement = Placement(
        read.get("collection", before.collection),
        read.get("audience", before.audience),
        read.get("owner", before.owner),
        read.get("expires", before.expires_at),
    )
    address = Address(path.parent, read["url"]) if "url" in read else outer.address
    patterns = Patterns(path.parent, read.get("include", ()), read.get("exclude", ()))
    chosen = patterns.include or patterns.exclude
    return Settings(placement, address, (*outer.patterns, patterns) if chosen else outer.patterns)


def _name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_NAME:
        raise InvalidInput(f"expected a text of 1 to {_LONGEST_NAME} characters")
    return value.strip()


def _audience(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return parse_audience(",".join(value))
    return parse_audience(_name(value))


def _expires(value: object) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, date):
        raise InvalidInput("expected a date, such as 2027-01-31")
    return datetime.combine(value, time(), UTC)


def _url(value: object) -> str:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        raise InvalidInput("expected a web address, such as https://wiki.example.org/hr/")
    return value if value.endswith("/") else f"{value}/"


def _patterns(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidInput('expected a list of patterns, such as ["drafts/*"]')
    return tuple(value)


_READERS: Mapping[str, Callable[[object], Any]] = {
    "collection": _name,
    "audience": _audience,
    "owner": _name,
    "expires": _expires,
    "url": _url,
    "include": _patterns,
    "exclude": _patterns,
}
