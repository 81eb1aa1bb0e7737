"""Code blocks of Markdown that nothing in the code can end."""

import re

_MARKS = re.compile("`{3,}")


def fenced(code: str, language: str = "") -> str:
    """The code between fences longer than any run of backticks in it."""
    longest = max((len(run) for run in _MARKS.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.strip(chr(10))}\n{fence}"
