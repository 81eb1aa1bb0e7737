from pathlib import Path

from tests.fakes.openai_server import Reply, fake_openai
from tests.journeys.terminal import Terminal


async def test_a_team_words_its_prompts(terminal: Terminal, tmp_path: Path) -> None:
    voice = tmp_path / "voice.txt"
    voice.write_text("Answer like a librarian.\n")
    assert (await terminal.run("prompts", "set", "answering", str(voice))).out == (
        "answering@1 is in use.\n"
    )
    listed = await terminal.run("prompts", "list")
    assert "built-in.1" in listed.out
    shown = await terminal.run("prompts", "show", "answering")
    assert shown.out == "answering@1\nAnswer like a librarian.\n"

    note = tmp_path / "leave.md"
    note.write_text("# Leave\n\nEmployees get 27 days of annual leave a year.\n")
    await terminal.run("upload", str(note))
    async with fake_openai(Reply("27 days [1].")) as fake:
        model = {"OPENAI_BASE_URL": fake.url, "OPENAI_API_KEY": "k"}
        question = "How many days of annual leave do employees get?"
        answer = (await terminal.run("ask", question, "--json", env=model)).json
        assert answer["prompts"] == ["answering@1"]
        assert "librarian" in fake.prompt()

    assert "built-in.1" in (await terminal.run("prompts", "reset", "answering")).out
    history = (await terminal.run("prompts", "history", "answering", "--json")).json["versions"]
    assert [one["text"] for one in history] == [None, "Answer like a librarian."]


async def test_what_cannot_be_is_one_clear_line(terminal: Terminal, tmp_path: Path) -> None:
    missing = await terminal.run("prompts", "set", "answering", str(tmp_path / "none.txt"))
    assert "cannot be read as UTF-8 text" in missing.complaint
    unknown = await terminal.run("prompts", "show", "singing")
    assert "there is no prompt 'singing'" in unknown.complaint
    alone = await terminal.run(
        "evaluate", "answers", str(tmp_path), "--prompt", "1", "--prompt", "2"
    )
    assert "compared with a chat model, and none is configured" in alone.complaint
