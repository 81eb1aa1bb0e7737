"""The process that trains an adapter: PyTorch lives and dies here, never in the command itself.

Run as a script. It reads its order, one line of JSON, from stdin and goes on until stdin ends: the
end of the parent, however it came, is the order to save a checkpoint and stop. Each line that it
writes to stdout is a JSON object: ``step`` and ``total``, ``say``, ``stopped``, ``error`` or, last,
``done``. What the libraries print goes to stderr.
"""

import json
import os
import shutil
import sys
import threading
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TextIO

_ADAPTER = {"r": 8, "lora_alpha": 16, "lora_dropout": 0.05, "target_modules": "all-linear"}
_TRAINING = {
    "learning_rate": 1e-4,
    "num_train_epochs": 3,
    "per_device_train_batch_size": 8,
    "save_strategy": "steps",
    "save_steps": 0.1,  # of all steps
    "save_total_limit": 2,
    "logging_steps": 0.1,
    "report_to": "none",
    "disable_tqdm": True,
    "seed": 0,
}
_RESERVED = frozenset({"output_dir", "peft_config", "task_type", "base_model_name_or_path"})
_TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}{{ eos_token }}\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
"""For base models that were never taught to chat."""


class Unusable(Exception):
    """The order cannot be carried out; its text is for the person who gave it."""


def main() -> None:
    """Carry out one order."""
    channel = _own_stdout()
    order = json.loads(sys.stdin.readline())
    stopping = threading.Event()
    threading.Thread(target=_wait_for_end, args=(stopping,), daemon=True).start()
    try:
        _write(channel, **_train(order, channel, stopping))
    except Unusable as error:
        _write(channel, error=str(error))
    except (OSError, ValueError, TypeError, ImportError, RuntimeError) as error:
        # Of everything that these libraries raise, the last line is what a person can use.
        _write(channel, error=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
        raise
    os._exit(0)  # nothing is left to do, and the reading thread would not end by itself


def _own_stdout() -> TextIO:
    """The stream to the parent; whatever else prints to stdout is sent to stderr."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return channel


def _write(channel: TextIO, **line: Any) -> None:
    channel.write(json.dumps(line) + "\n")
    channel.flush()


def _wait_for_end(stopping: threading.Event) -> None:
    sys.stdin.read()
    stopping.set()


def _train(order: Mapping[str, Any], channel: TextIO, stopping: threading.Event) -> dict[str, Any]:
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    folder = Path(order["folder"])
    adapter, training = _sorted_out(order["chosen"], LoraConfig, SFTConfig)
    _write(channel, say=f"Loading {order['base']}.")
    tokenizer = AutoTokenizer.from_pretrained(order["base"])
    tokenizer.chat_template = tokenizer.chat_template or _TEMPLATE
    model = AutoModelForCausalLM.from_pretrained(order["base"], dtype="auto")
    bf16 = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder / "checkpoints"),
            **{
                "bf16": bf16,
                "eval_strategy": "epoch" if order["held_out"] else "no",
                **_TRAINING,
                **training,
            },
        ),
        train_dataset=Dataset.from_list(order["taught"]),
        eval_dataset=Dataset.from_list(order["held_out"]) if order["held_out"] else None,
        processing_class=tokenizer,
        peft_config=LoraConfig(task_type="CAUSAL_LM", **{**_ADAPTER, **adapter}),
        callbacks=[_reporter(channel, stopping)],
    )
    last = _last_whole_checkpoint(folder / "checkpoints")
    if last is not None:
        _write(channel, say=f"Going on from step {last.name.rpartition('-')[2]}.")
    outcome = trainer.train(resume_from_checkpoint=None if last is None else str(last))
    if stopping.is_set():
        return {"stopped": trainer.state.global_step}
    trainer.save_model(str(folder / "adapter"))
    # `transformers serve` and others take no bare adapter: a whole model goes beside it.
    trainer.model.merge_and_unload().save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    losses = [line["eval_loss"] for line in trainer.state.log_history if "eval_loss" in line]
    return {
        "done": {
            "steps": trainer.state.global_step,
            "loss": outcome.training_loss,
            "held_out_loss": losses[-1] if losses else None,
            "base_revision": getattr(model.config, "_commit_hash", None),
        }
    }


def _sorted_out(
    chosen: Mapping[str, Any], adapter: type, training: type
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was chosen, by whose setting it is."""
    of_adapter, of_training = (
        {field.name for field in fields(one) if field.init} - _RESERVED
        for one in (adapter, training)
    )
    unknown = sorted(set(chosen) - of_adapter - of_training)
    if unknown:
        raise Unusable(
            f"there is no setting {', '.join(unknown)}: those of PEFT's LoraConfig and TRL's "
            "SFTConfig can be set, such as r, learning_rate, num_train_epochs"
        )
    own = {name: value for name, value in chosen.items() if name in of_adapter}
    return own, {name: value for name, value in chosen.items() if name not in own}


def _last_whole_checkpoint(folder: Path) -> Path | None:
    """The newest one that was written to its end; what a kill left of others is removed."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda one: int(one.name.rpartition("-")[2]))
    for broken in [one for one in found if not (one / "trainer_state.json").exists()]:
        shutil.rmtree(broken)
        found.remove(broken)
    return found[-1] if found else None


def _reporter(channel: TextIO, stopping: threading.Event) -> Any:
    from transformers import TrainerCallback

    class Reporter(TrainerCallback):  # type: ignore[misc]  # its library ships no types here
        """Tells the parent each step, and stops at one when told to."""

        def on_step_end(self, _args: Any, state: Any, control: Any, **_rest: Any) -> None:
            _write(channel, step=state.global_step, total=state.max_steps)
            if stopping.is_set():
                control.should_save = control.should_training_stop = True

        def on_log(self, _args: Any, state: Any, _control: Any, **rest: Any) -> None:
            logs = rest.get("logs") or {}
            parts = [
                f"{name} {logs[key]:.3f}"
                for key, name in (("loss", "loss"), ("eval_loss", "loss on held-out pairs"))
                if isinstance(logs.get(key), float)
            ]
            if parts:
                _write(channel, say=f"Epoch {state.epoch:.1f}: {', '.join(parts)}.")

    return Reporter()


if __name__ == "__main__":
    main()
