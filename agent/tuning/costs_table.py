"""What training would take on each backend, as a table of HTML."""

from html import escape

from agent.tuning.estimates import Estimates, Head, Hosted, Lora


def costs_table(estimates: Estimates) -> str:
    """A row for each backend: a figure to remember, and how it comes about."""
    rows = "".join(
        f'<tr><th scope="row">{name}<small>{where}</small></th><td class="number big">'
        f"{escape(cost)}</td><td>{escape(detail)}</td></tr>"
        for name, where, cost, detail in (
            ("head", "on this CPU, the embedded default", *_head(estimates.head)),
            ("lora", "an adapter on a model of your own", *_lora(estimates.lora)),
            ("openai", "a fine-tuning API", *_hosted(estimates.openai)),
        )
    )
    head = '<tr><th>backend</th><th class="number">about</th><th>how it comes about</th></tr>'
    note = (
        "Fine-tuning is strong at stable answers, style and terms; it is weak at facts that "
        "change. Those belong into documents."
    )
    return f"<table>{head}{rows}</table><p class=note>{note}</p>"


def _head(head: Head) -> tuple[str, str]:
    detail = (
        f"{head.encoding:.1f} s to encode the questions, as measured just now; about "
        f"{head.fitting:.1f} s to fit and calibrate."
    )
    return f"{head.encoding + head.fitting:,.0f} s", detail


def _lora(lora: Lora) -> tuple[str, str]:
    memory = ", ".join(f"{one.gigabytes:g} GB for {one.model}" for one in lora.memory)
    detail = (
        f"Start with rank {lora.rank}, learning rate {lora.learning_rate:g}, {lora.epochs} "
        f"epochs, {lora.batch} pairs a step. Memory of a GPU in bfloat16, for the longest pair of "
        f"{lora.tokens:,} tokens: {memory} parameters. "
        f"As options of tune train: {lora.options}"
    )
    return f"{lora.steps:,} steps", detail


def _hosted(hosted: Hosted) -> tuple[str, str]:
    detail = (
        f"{hosted.tokens:,} tokens, the chat format's own with them, × {hosted.epochs} epochs = "
        f"{hosted.billed:,} billed."
    )
    if hosted.usd is None:
        return f"{shortened(hosted.billed)} tokens", f"{detail} With --price, in dollars."
    return f"${hosted.usd:,.2f}", detail


def shortened(number: int) -> str:
    """Such as 177k for a tile."""
    for size, unit in ((1_000_000, " M"), (10_000, "k")):
        if number >= size:
            return f"{number / (size if unit == ' M' else 1_000):.3g}{unit}"
    return f"{number:,}"
