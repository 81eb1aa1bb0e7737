"""Every English reason that Slack shows has its Chinese: the sources are read for them."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from agent.errors import AgentError
from agent.learned.shutdowns import warnings
from agent.retelling import Retelling
from agent.retold import retold, why_of
from agent.texts import Said, Text
from agent.tuning.gate import Veto, decide
from agent.tuning.promoting import refusal

ROOT = Path(__file__).parents[2]
_READ = (
    "knowledge/parsing/**/*.py",
    "agent/tuning/reviewing.py",
    "agent/tuning/pair_files.py",
    "agent/learned/registry.py",
    "agent/learned/loading.py",
    "agent/evaluation/vetoes.py",
    "agent/evaluation/general_ability.py",
    "bot/slack/errands/home_acting.py",
    "bot/slack/errands/model.py",
)
"""Where sentences are made that Slack shows to people."""

_MADE = {
    "UnreadableDocument", "EmptyDocument", "ReviewError", "RegistryError", "Veto",
}  # fmt: skip


def _sentences() -> Iterator[tuple[str, str]]:
    """What each of those says, with 7 in all its places."""
    for pattern in _READ:
        for file in sorted(ROOT.glob(pattern)):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _MADE:
                    said = _filled(node.args[-1]) if node.args else None
                    if said is not None:
                        yield f"{file.name}:{node.lineno}", said


def _filled(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(getattr(one, "value", 7)) if isinstance(one, ast.Constant) else "7"
            for one in node.values
        )
    return None


def test_every_sentence_has_its_chinese() -> None:
    found = list(_sentences())
    assert len(found) > 40
    assert [one for one in found if retold(one[1], "zh") == one[1]] == []


def test_verdicts_and_warnings_are_retold_whole() -> None:
    few = decide([True] * 3, [True] * 3, range(3))
    one_answer = decide([True] * 120, [True] * 120, [1] * 120)
    equal = decide([True] * 120, [True] * 120, range(120))
    better = decide([False] * 120, [True] * 120, range(120))
    worse = decide([True] * 120, [False] * 120, range(120))
    veto = decide([True], [True], [1], [Veto("cost", "an answer costs $0.2, $0.1 now")])
    outcomes = {one.outcome for one in (few, better, worse)}
    assert outcomes == {"inconclusive", "promote", "reject"}
    said = [one.why for one in (few, one_answer, equal, better, worse, veto)]
    said += [refusal(2, few.why), *warnings("openai", {}, date(2026, 11, 25))]
    said += warnings("openai", {}, date(2027, 2, 1))
    for one in said:
        chinese = re.sub(r"`[^`]*`|（https\S+）|p = \S+|api\.openai\.com", "", retold(one, "zh"))
        assert not re.search("[A-Za-z]{2}", chinese), chinese
        assert retold(one, "en") == one


def test_a_sentence_is_retold_part_by_part() -> None:
    retelling = Retelling(
        (Text("{one} met {other}", "{other}见{one}"), Text("a cat", "猫"), Text("dogs", "狗"))
    )
    assert retelling.to("a cat met dogs", "zh") == "狗见猫"
    assert retelling.to("Zeno; dogs", "zh") == "Zeno；狗"
    said = Said("there", "那里")
    assert why_of(AgentError(said), "zh") == "那里"
    assert why_of(AgentError("it is empty"), "zh") == "文件是空的"
