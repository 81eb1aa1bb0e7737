"""A dataset written for another trainer is the same dataset when it is read again."""

import json
from pathlib import Path
from typing import get_args

import pytest
import yaml

from agent.tuning.datasets import Dataset, freeze
from agent.tuning.exporting import Format, export_dataset
from agent.tuning.pair_files import read_pairs
from agent.tuning.pairs import import_pairs
from agent.tuning.training.chat_examples import split
from knowledge.database import Database
from knowledge.errors import InvalidInput
from tests.agent.pairs import write_pairs


@pytest.fixture
async def dataset(database: Database, tmp_path: Path) -> Dataset:
    await import_pairs(write_pairs(tmp_path / "pairs.jsonl"), database)
    return await freeze(database)


@pytest.mark.parametrize("form", get_args(Format))
async def test_what_is_written_can_be_imported_again(
    dataset: Dataset, database: Database, tmp_path: Path, form: Format
) -> None:
    target = tmp_path / "out" / ("set.json" if form in {"alpaca", "sharegpt"} else "set.jsonl")
    done = await export_dataset(dataset, form, target)
    parts = split(dataset)
    again = {path.name: {pair.digest for pair in read_pairs(path)} for path in done.files[:2]}
    assert again == {
        target.name: {pair.digest for pair in parts.taught},
        f"set.held-out{target.suffix}": {pair.digest for pair in parts.held_out},
    }
    for path in done.files[:2]:
        assert (await import_pairs(path, database)).added == 0
    assert done.taught + done.held_out == len(dataset.pairs)


@pytest.mark.parametrize("form", ["alpaca", "sharegpt"])
async def test_llama_factory_finds_both_files_by_their_entries(
    dataset: Dataset, tmp_path: Path, form: Format
) -> None:
    info = tmp_path / "dataset_info.json"
    info.write_text('{"other": {"file_name": "o.json"}}')
    await export_dataset(dataset, form, tmp_path / "team.json")
    entries = json.loads(info.read_text())
    assert set(entries) == {"other", "team", "team.held-out"}
    for name in ("team", "team.held-out"):
        records = json.loads((tmp_path / entries[name]["file_name"]).read_text("utf-8"))
        assert set(entries[name]["columns"].values()) <= set(records[0])
    said = entries["team"].get("tags")
    assert said is None or said["user_tag"] == records[0]["conversations"][0][said["role_tag"]]


async def test_axolotl_gets_a_configuration_that_names_the_files(
    dataset: Dataset, tmp_path: Path
) -> None:
    done = await export_dataset(dataset, "axolotl", tmp_path / "team.jsonl", "some/base")
    settings = yaml.safe_load(done.files[2].read_text())
    assert settings["base_model"] == "some/base"
    assert [Path(one["path"]) for one in settings["datasets"]] == [done.files[0]]
    assert [Path(one["path"]) for one in settings["test_datasets"]] == [done.files[1]]
    first = json.loads(done.files[0].read_text().splitlines()[0])
    assert [one["role"] for one in first["messages"]] == ["system", "user", "assistant"]


async def test_an_index_that_is_none_is_left_alone(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "dataset_info.json").write_text("[]")
    with pytest.raises(InvalidInput, match="no index of datasets: move it away"):
        await export_dataset(dataset, "alpaca", tmp_path / "team.json")
