"""robots.txt as RFC 9309 reads it: the longest matching rule decides, ``*`` and ``$`` count.

The standard library's reader takes the first matching rule and no wildcards, and so reads what a
site forbids (``Allow: /`` before ``Disallow: /private``) and leaves what it allows.
"""

import re
from dataclasses import dataclass

from knowledge.sources.web_urls import written

PRODUCT = "Knowhow"
"""The name that a robots.txt calls us by."""

ROBOTS_LIMIT = 500_000
"""Bytes that are read of one; the RFC's minimum."""


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site allows us; ``delay_s`` is the pause that it asks for between requests."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay_s: float = 0.0

    def allow(self, target: str) -> bool:
        """Whether a path with its query may be read; of two rules as long, the kinder counts."""
        matching = [(len(rule), allowed) for rule, allowed in self.rules if _matches(rule, target)]
        return max(matching, default=(0, True))[1]


def read_robots(data: bytes) -> Robots:
    """The rules for us, else those for everybody; what cannot be understood says nothing."""
    agents: dict[str, list[tuple[str, str]]] = {}
    current: list[str] = []
    naming = False
    for line in data[:ROBOTS_LIMIT].decode("utf-8-sig", errors="replace").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            current = [*current, value.lower()] if naming else [value.lower()]
            agents.setdefault(value.lower(), [])
        elif key in {"allow", "disallow", "crawl-delay"}:
            for agent in current:
                agents[agent].append((key, value))
        naming = key == "user-agent" or (naming and key == "sitemap")
    lines = agents.get(PRODUCT.lower(), agents.get("*", []))
    rules = [(written(value), key == "allow") for key, value in lines if key != "crawl-delay"]
    delays = [_seconds(value) for key, value in lines if key == "crawl-delay"]
    return Robots(tuple(rule for rule in rules if rule[0]), max(delays, default=0.0))


def _matches(rule: str, target: str) -> bool:
    """Each part between two ``*`` is looked for once, left to right: no pattern is slow."""
    ends = rule.endswith("$")
    first, *parts = rule.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    if not parts:
        return target == first if ends else True
    *middle, last = parts
    at = len(first)
    for part in middle:
        at = target.find(part, at)
        if at < 0:
            return False
        at += len(part)
    if ends:
        return len(target) - len(last) >= at and target.endswith(last)
    return target.find(last, at) >= 0


def _seconds(value: str) -> float:
    return float(value) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value) else 0.0
