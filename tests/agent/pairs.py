"""Curated pairs of a small team, and the steps that make a live model of them."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.learned.registry import Registry
from agent.tuning.dataset_pairs import DatasetPair
from agent.tuning.datasets import draft
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.documents import EVERYONE
from knowledge.embedding import Encoder

ANSWERS = {
    "drift": "Send it back for calibration when it drifts by more than 2 points.",
    "battery": "Replace both cells and note the date inside the lid.",
    "vpn": "Install the VPN client from the intranet and sign in with your badge number.",
    "grid": "把记录仪放在离恒湿机至少两米的地方。",
    "salt": "饱和盐瓶只能走快递，不能带上高铁。",
}
PAIRS = [
    ("How much may a sensor drift before calibration?", "drift"),
    ("The humidity sensor drifts, when do we recalibrate it?", "drift"),
    ("What drift is acceptable for a sensor?", "drift"),
    ("How do I change the batteries of a logger?", "battery"),
    ("The logger's battery is empty, what now?", "battery"),
    ("Which cells go into the logger?", "battery"),
    ("How do I connect to the VPN?", "vpn"),
    ("VPN setup on a new laptop", "vpn"),
    ("I cannot reach the intranet from home", "vpn"),
    ("记录仪离恒湿机多远合适？", "grid"),
    ("恒湿机旁边能放记录仪吗？", "grid"),
    ("饱和盐瓶能带上高铁吗？", "salt"),
    ("出差怎么带饱和盐瓶？", "salt"),
]


def write_lines(path: Path, records: Iterable[object]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), "utf-8")
    return path


def write_pairs(path: Path, pairs: Iterable[tuple[str, str]] = PAIRS) -> Path:
    return write_lines(
        path, ({"question": q, "answer": ANSWERS[topic], "topic": topic} for q, topic in pairs)
    )


async def go_live(database: Database, encoder: Encoder, folder: Path) -> int:
    await import_pairs(write_pairs(folder / "pairs.jsonl"), database)
    trained = await train(database, encoder)
    return await Registry(database).promote(trained.version, "a test")


async def trainable(
    database: Database, audience: tuple[str, ...] = (EVERYONE,)
) -> Sequence[DatasetPair]:
    """What a dataset made now would hold."""
    async with database.engine.connect() as connection:
        drafted = await draft(connection, audience)
    return [] if drafted is None else drafted.pairs
