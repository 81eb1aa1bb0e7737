from dataclasses import asdict, replace
from pathlib import Path

import pytest

from agent.errors import RegistryError
from agent.evaluation.domain_evaluation import evaluate_domain
from agent.evaluation.routing_evaluation import evaluate_routing
from agent.learned.registry import Registry
from agent.routing.calibration import Calibration, calibrate, current
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from knowledge.database import Database
from knowledge.embedding import Encoder
from knowledge.errors import InvalidInput
from knowledge.retrieval.search import Search
from knowledge.storage.library import Library
from tests.agent.pairs import ANSWERS, go_live, write_lines, write_pairs
from tests.agent.team import team

SUBJECTS = ("printer", "door", "garden", "kitchen", "heating", "server", "phone", "invoice", "desk")
ACTIONS = ("repair", "order", "clean", "lock", "book")


def many_pairs(path: Path) -> Path:
    return write_lines(
        path,
        (
            {
                "question": template.format(action, subject),
                "answer": f"To {action} the {subject}, call {400 + number}.",
            }
            for number, (subject, action) in enumerate((s, a) for s in SUBJECTS for a in ACTIONS)
            for template in ("How do I {} the {}?", "Who can {} the {} for us?")
        ),
    )


async def test_without_a_model_the_prior_decides(database: Database, encoder: Encoder) -> None:
    search = await team(database, encoder)
    assert await calibrate(database, encoder, search) == Calibration()
    assert await current(database, encoder) == Calibration()


async def test_scales_come_from_the_live_pairs_and_documents(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    search = await team(database, encoder)
    await import_pairs(many_pairs(tmp_path / "pairs.jsonl"), database)
    await train(database, encoder)
    await Registry(database).promote(None, "a test")
    steps: list[tuple[int, int | None]] = []
    fitted = await calibrate(database, encoder, search, lambda *step: steps.append(step))
    assert fitted.examples > 0
    assert fitted.encoded != Calibration().encoded
    assert fitted.spelled == Calibration().spelled
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert await current(database, encoder) == fitted


async def test_an_older_calibration_serves_until_the_next(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await import_pairs(many_pairs(tmp_path / "pairs.jsonl"), database)
    await train(database, encoder)
    await Registry(database).promote(None, "a test")
    empty = await calibrate(database, encoder, Search(database, encoder))
    search = await team(database, encoder)
    assert await current(database, encoder) == empty
    fitted = await calibrate(database, encoder, search)
    assert await current(database, encoder) == fitted
    listed = await Library(database, encoder).documents()
    await Library(database, encoder).remove([one.id for one in listed[:1]])
    assert await current(database, encoder) == fitted
    await train(database, encoder)
    await Registry(database).promote(None, "another")
    assert await current(database, encoder) == Calibration()


async def test_stored_calibrations_survive_json() -> None:
    changed = Calibration(encoded=replace(Calibration().encoded, least=0.8), examples=3, near=0.5)
    assert Calibration.of_json(asdict(changed)) == changed


async def test_routing_is_counted_by_expected_and_chosen_route(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    search = await team(database, encoder)
    await go_live(database, encoder, tmp_path)
    asked = [
        ("How many days of annual leave do employees get?", "knowledge"),
        ("How far may the sensor drift until I must calibrate it?", "domain"),
        ("Who won the world cup in 1998?", "none"),
        ("Who won the world cup in 1994?", "knowledge"),
        ("good morning", "chat"),
        ("正式员工每年有几天年假？", "knowledge"),
    ]
    file = write_lines(
        tmp_path / "routing.jsonl", ({"question": q, "expected": e} for q, e in asked)
    )
    report = await evaluate_routing(file, database, encoder, search)
    assert report.confusion == {
        "chat": {"chat": 1},
        "domain": {"domain": 1},
        "knowledge": {"knowledge": 2, "none": 1},
        "none": {"none": 1},
    }
    assert report.accuracy == pytest.approx(5 / 6)
    assert report.macro_f1 == pytest.approx((1 + 1 + 4 / 5 + 2 / 3) / 4)
    assert report.calls == 0


async def test_the_search_of_a_calibration_sees_what_everyone_sees(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    search = await team(database, encoder)
    await go_live(database, encoder, tmp_path)
    file = write_lines(
        tmp_path / "board.jsonl",
        [{"question": "Where does the board meet on 4 May?", "expected": "knowledge"}],
    )
    report = await evaluate_routing(file, database, encoder, search)
    assert report.confusion == {"knowledge": {"none": 1}}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"question": "Q"}', "question and expected"),
        ('{"question": "Q", "expected": "elsewhere"}', "must be one of knowledge, domain"),
        ('{"question": "", "expected": "none"}', "not empty"),
        ("[]", "question and expected"),
    ],
)
async def test_a_malformed_route_is_named(
    database: Database, encoder: Encoder, tmp_path: Path, line: str, says: str
) -> None:
    file = tmp_path / "routing.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(InvalidInput, match=f"routing.jsonl, line 1: .*{says}"):
        await evaluate_routing(file, database, encoder, Search(database, encoder))


async def test_the_domain_report_parts_right_wrong_and_abstained(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    await go_live(database, encoder, tmp_path)
    asked = [
        {"question": "VPN setup for my new laptop", "answer": ANSWERS["vpn"]},
        {"question": "VPN setup for a laptop", "answer": "Ask the help desk."},
        {"question": "Who won the world cup in 1998?", "answer": "France."},
        {"question": "饱和盐瓶可以带上高铁吗", "answer": ANSWERS["salt"]},
    ]
    report = await evaluate_domain(write_lines(tmp_path / "held.jsonl", asked), database, encoder)
    rates = (report.exact_answer_rate, report.wrong_rate, report.abstained_rate)
    assert rates == (0.5, 0.25, 0.25)


async def test_evaluating_no_model_says_what_to_do(
    database: Database, encoder: Encoder, tmp_path: Path
) -> None:
    with pytest.raises(RegistryError, match="no domain model is live"):
        await evaluate_domain(write_pairs(tmp_path / "pairs.jsonl"), database, encoder)
