"""A dataset as other trainers read it, its held-out fold in a file apart."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from agent.tuning.datasets import Dataset
from agent.tuning.pair_files import Pair
from agent.tuning.training.chat_examples import SYSTEM, chat_lines, split
from knowledge.errors import InvalidInput

Format = Literal["alpaca", "sharegpt", "axolotl", "messages"]

_INFO = "dataset_info.json"
_AXOLOTL_BASE = "Qwen/Qwen3-0.6B"


@dataclass(frozen=True, slots=True)
class Exported:
    """How many pairs went where; ``files`` are all that were written."""

    taught: int
    held_out: int
    files: tuple[Path, ...]


async def export_dataset(
    dataset: Dataset, form: Format, target: Path, base: str | None = None
) -> Exported:
    """Write the dataset for LLaMA-Factory (alpaca, sharegpt), Axolotl or the fine-tuning API.

    Beside ``target`` come the held-out pairs (``NAME.held-out.EXT``), for LLaMA-Factory the entries
    in ``dataset_info.json``, for Axolotl a configuration that trains ``base``. `tune import` reads
    every file of pairs again. Raises InvalidInput when a file cannot be written.
    """
    return await asyncio.to_thread(_export, dataset, form, target, base or _AXOLOTL_BASE)


def _export(dataset: Dataset, form: Format, target: Path, base: str) -> Exported:
    parts = split(dataset)
    held_out = target.with_name(f"{target.stem}.held-out{target.suffix}")
    pairs = {target: parts.taught, held_out: parts.held_out}
    texts = {path: _WRITTEN[form](some) for path, some in pairs.items() if some}
    if form in _ENTRIES:
        texts |= _with_entries(target.with_name(_INFO), list(texts), _ENTRIES[form])
    elif form == "axolotl":
        texts[target.with_suffix(".yaml")] = _axolotl(list(texts), base)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror or error}") from error
    return Exported(len(parts.taught), len(parts.held_out), tuple(texts))


def _alpaca(pairs: Sequence[Pair]) -> str:
    return _listed(
        {
            "instruction": pair.question,
            "input": "",
            "output": pair.answer,
            "system": SYSTEM,
            "topic": pair.topic,
        }
        for pair in pairs
    )


def _sharegpt(pairs: Sequence[Pair]) -> str:
    return _listed(
        {
            "conversations": [
                {"from": "human", "value": pair.question},
                {"from": "gpt", "value": pair.answer},
            ],
            "system": SYSTEM,
            "topic": pair.topic,
        }
        for pair in pairs
    )


def _listed(records: Any) -> str:
    return json.dumps(list(records), ensure_ascii=False, indent=1) + "\n"


_WRITTEN: Mapping[Format, Callable[[Sequence[Pair]], str]] = {
    "alpaca": _alpaca,
    "sharegpt": _sharegpt,
    "axolotl": chat_lines,
    "messages": chat_lines,
}

_ENTRIES: Mapping[Format, Mapping[str, Any]] = {
    "alpaca": {
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "response": "output",
            "system": "system",
        }
    },
    "sharegpt": {
        "formatting": "sharegpt",
        "columns": {"messages": "conversations", "system": "system"},
        "tags": {
            "role_tag": "from",
            "content_tag": "value",
            "user_tag": "human",
            "assistant_tag": "gpt",
        },
    },
}


def _with_entries(info: Path, written: Sequence[Path], entry: Mapping[str, Any]) -> dict[Path, str]:
    """LLaMA-Factory's index of datasets; other entries of one that is there are kept."""
    try:
        known = json.loads(info.read_text("utf-8")) if info.exists() else {}
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{info} cannot be read: {error}; move it away") from error
    if not isinstance(known, dict):
        raise InvalidInput(f"{info} is no index of datasets: move it away")
    own = {path.stem: {"file_name": path.name, **entry} for path in written}
    return {info: json.dumps({**known, **own}, ensure_ascii=False, indent=2) + "\n"}


def _axolotl(written: Sequence[Path], base: str) -> str:
    """A configuration to start from, with the settings of the backend lora."""
    entries = [
        {
            "path": str(path.resolve()),
            "ds_type": "json",
            "type": "chat_template",
            "field_messages": "messages",
            "message_property_mappings": {"role": "role", "content": "content"},
            "roles_to_train": ["assistant"],
            "train_on_eos": "turn",
        }
        for path in written
    ]
    settings = {
        "base_model": base,
        "datasets": entries[:1],
        "test_datasets": [{**one, "split": "train"} for one in entries[1:]] or None,
        "sequence_len": 1024,
        "adapter": "lora",
        "lora_r": 8,
        "lora_alpha": 16,
        "lora_dropout": 0.05,
        "lora_target_linear": True,
        "num_epochs": 3,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 4,
        "optimizer": "adamw_torch",
        "lr_scheduler": "cosine",
        "learning_rate": 0.0001,
        "bf16": "auto",
        "output_dir": str((written[0].parent / f"{written[0].stem}-adapter").resolve()),
    }
    kept = {name: value for name, value in settings.items() if value is not None}
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)
