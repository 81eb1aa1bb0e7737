"""evaluate answers --prompt A --prompt B: two texts, the same questions, one table."""

from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.console import out, print_json, progress, table
from bot.cli.prompts import read_text

if TYPE_CHECKING:
    from agent.deps import Deps
    from agent.evaluation.prompt_comparison import Comparison
    from agent.prompting.prompts import Prompt
    from bot.wiring import Knowhow

_MEASURES = ("contains_answer", "token_f1", "citation_correct", "abstained_rate", "p50_ms")


async def compare(
    knowhow: "Knowhow",
    deps: "Deps",
    directory: Path,
    named: list[str],
    limit: int | None,
    *,
    as_json: bool,
) -> None:
    """Ask with both and show them side by side. Raises PromptError without a chat model."""
    from agent.errors import PromptError
    from agent.evaluation.prompt_comparison import compare_prompts

    if deps.chat is None:
        raise PromptError(
            "prompts are compared with a chat model, and none is configured: set OPENAI_API_KEY or "
            "OPENAI_BASE_URL"
        )
    first, second = [await _prompt(knowhow, name) for name in named]
    with progress("Asking") as asking:
        found = await compare_prompts(
            directory, knowhow.database, deps, (first, second), asking=asking, limit=limit
        )
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)


async def _prompt(knowhow: "Knowhow", named: str) -> "Prompt":
    from agent.prompting.prompt_registry import built_in_prompt, prompt_version
    from agent.prompting.prompt_texts import ANSWERING
    from agent.prompting.prompts import Prompt

    short = named.removeprefix(f"{ANSWERING}@")
    if short.startswith("built-in"):
        return built_in_prompt(ANSWERING)
    if short.isdigit():
        return await prompt_version(knowhow.database, ANSWERING, int(short))
    return Prompt(ANSWERING, Path(named).name, read_text(Path(named)))


def _print(found: "Comparison") -> None:
    listing = table("measure", *(prompt.label for prompt in found.prompts), "difference", "p")
    one, two = (report.as_json() for report in found.reports)
    differences = found.as_json()["difference"]
    for name in _MEASURES:
        known = differences.get(name)
        low, high = known["interval"] if known else (0.0, 0.0)
        listing.add_row(
            name,
            f"{one[name]:.4g}",
            f"{two[name]:.4g}",
            f"{known['value']:+.3f} ({low:+.3f} … {high:+.3f})" if known else "",
            f"{known['p']:.3f}" if known else "",
        )
    costs = ("–" if cost is None else f"${cost:.4f}" for cost in found.costs_usd)
    listing.add_row("cost", *costs, "", "")
    out().print(listing)
    wins = found.contains_answer
    out().print(
        f"\n{wins.questions} questions; the second alone answered {wins.wins}, the first alone "
        f"{wins.losses}: {found.verdict}.",
        markup=False,
    )
