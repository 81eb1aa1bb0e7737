"""The README, `--help` and the code say the same."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def _commands() -> list[str]:
    """Every command as typed, groups included: `documents list`."""
    names: list[str] = []
    for command in app.registered_commands:
        assert command.callback is not None
        names.append(command.name or command.callback.__name__.replace("_", "-"))
    for group in app.registered_groups:
        assert group.typer_instance is not None
        for command in group.typer_instance.registered_commands:
            assert command.callback is not None
            inner = command.name or command.callback.__name__.replace("_", "-")
            names.append(f"{group.name} {inner}")
    return names


def _help(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--help"], terminal_width=100)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("command", _commands())
def test_the_readme_names_every_command(command: str) -> None:
    assert f"knowhow {command}" in README


def test_the_readme_names_no_command_that_does_not_exist() -> None:
    known = set(_commands()) | {group.name for group in app.registered_groups}
    block = "\n".join(re.findall(r"```(?:sh|text)?\n(.*?)```", README, flags=re.DOTALL))
    for line in re.findall(r"knowhow ([a-z]+(?: [a-z]+)?)", block):
        assert line in known or line.split()[0] in known, line


@pytest.mark.parametrize("command", _commands())
def test_every_option_the_readme_gives_a_command_exists(command: str) -> None:
    text = _help(*command.split())
    for line in re.findall(rf"knowhow {command}\b([^\n`|]*)", README):
        for option in re.findall(r"(?<!\S)-{1,2}[a-z][a-z-]*", line):
            assert option in text, f"knowhow {command} has no {option}"


def test_the_readme_explains_every_setting_and_no_other() -> None:
    named = set(re.findall(r"`((?:KNOWHOW|SLACK|OPENAI)_[A-Z_]+)`", README))
    declared = set()
    for name in Settings.model_fields:
        usual = name.upper()
        plain = usual.startswith(("OPENAI_", "SLACK_"))
        declared.add(usual if plain else f"KNOWHOW_{usual}")
    assert named == declared


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['knowhow', '--help']\n"
        "from bot.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'onnx', 'onnxruntime', 'sklearn', 'langgraph', 'openai', 'sqlalchemy',"
        " 'slack_bolt', 'slack_sdk', 'procrastinate', 'pydantic', 'psycopg', 'starlette'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stderr.strip() == "[]"
    assert "Usage: knowhow" in result.stdout


def test_the_first_screen_has_the_two_commands() -> None:
    first_screen = "\n".join(README.splitlines()[:40])
    assert "python3 -m pip install uv && uv run knowhow demo" in first_screen
    assert "python3 -m pip install uv && uv run pytest" in first_screen


def test_no_committed_file_names_a_package_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files"],  # noqa: S607  whichever git the developer has
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    hosts = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"))]
    named = [
        name
        for name in listed.stdout.splitlines()
        if (ROOT / name).is_file()
        and any(host in (ROOT / name).read_text(errors="ignore") for host in hosts)
    ]
    assert named == []
