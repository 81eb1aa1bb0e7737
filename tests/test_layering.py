"""The direction of imports is bot → agent → knowledge, and only `bot` knows the outside."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FORBIDDEN = {
    "knowledge": {"agent", "bot", "langgraph", "langchain_core", "slack_bolt", "slack_sdk"}
    | {"typer", "rich", "pydantic_settings", "procrastinate"},
    "agent": {"bot", "slack_bolt", "slack_sdk", "typer", "rich", "pydantic_settings"},
    "bot": {"tests"},
}


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield node.lineno, node.module or ""


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    modules = list((ROOT / layer).rglob("*.py"))
    assert modules
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules
        for line, name in _imports(path)
        if name.split(".")[0] in FORBIDDEN[layer]
    ]
    assert wrong == []


@pytest.mark.parametrize("layer", ["knowledge", "agent"])
def test_only_bot_reads_the_environment(layer: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / layer).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    assert wrong == []


def test_no_file_is_named_for_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    layers = ("bot", "agent", "knowledge", "migrations", "tests")
    names = [path for layer in layers for path in (ROOT / layer).rglob("*.py")]
    assert [path for path in names if vague & set(path.stem.split("_"))] == []
