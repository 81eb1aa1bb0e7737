"""How long ago something was, in a reader's words."""

from datetime import timedelta

from agent.reading.languages import Language
from agent.texts import Text

_DAYS_IN = {"day": 1, "week": 7, "month": 30.44, "year": 365.25}
_AT_LEAST = {"year": 730, "month": 61, "week": 14, "day": 2}
"""Days from which an age is told in a unit: two of it, so that nothing is rounded away."""

_AGO = {
    "year": Text("{count} years ago", "{count} 年前"),
    "month": Text("{count} months ago", "{count} 个月前"),
    "week": Text("{count} weeks ago", "{count} 周前"),
    "day": Text("{count} days ago", "{count} 天前"),
}
_TODAY = Text("today", "今天")
_YESTERDAY = Text("yesterday", "昨天")


def ago(age: timedelta, reader: Language) -> str:
    """``3 months ago``; what lies in the future counts as today."""
    days = age.total_seconds() / 86_400
    for unit, least in _AT_LEAST.items():
        if days >= least:
            return _AGO[unit].to(reader, count=int(days / _DAYS_IN[unit]))
    return (_YESTERDAY if days >= 1 else _TODAY).to(reader)
