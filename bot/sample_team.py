"""The sample team that the demo shows: loaded once, then found as it was left."""

from collections.abc import Callable
from pathlib import Path

from agent.learned.promotions import Grounds
from agent.learned.registry import Registry
from agent.routing.calibration import calibrate
from agent.tuning.pairs import import_pairs
from agent.tuning.training.training import train
from bot.settings import SettingsError
from bot.wiring import Knowhow
from knowledge.uploading.upload import upload

SAMPLE = Path(__file__).parent / "sample"
COLLECTION = "sample"


async def load_sample_team(
    knowhow: Knowhow, step: Callable[[str], None] = lambda _step: None
) -> None:
    """Upload its documents, import its pairs, train, promote and calibrate; idempotent.

    Raises SettingsError in a home that holds other documents: the sample's facts would turn up
    among the team's own.
    """
    documents = await knowhow.library.documents()
    if any(one.collection != COLLECTION for one in documents):
        raise SettingsError(
            f"{knowhow.settings.home} holds documents of your own: "
            "set KNOWHOW_HOME to an empty folder for the demo"
        )
    # A sample that was loaded from another copy of the package would stand there twice.
    moved = [one.id for one in documents if not one.source.startswith(str(SAMPLE))]
    await knowhow.library.remove(moved)

    step("Reading the handbook")
    report = await upload(
        [SAMPLE / "documents"],
        library=knowhow.library,
        encoder=knowhow.encoder,
        collection=COLLECTION,
        prune=True,
    )
    pairs = await import_pairs(SAMPLE / "pairs.jsonl", knowhow.database)
    registry = Registry(knowhow.database)
    if pairs.added or pairs.updated or await registry.live_version() is None:
        step("Training the domain model on the team's pairs")
        trained = await train(knowhow.database, knowhow.encoder)
        # Evaluating it would keep a newcomer waiting longer than all else here together.
        await registry.promote(trained.version, Grounds("the bundled sample", forced=True))
    elif not (report.added or report.updated or report.removed):
        return
    step("Calibrating the router")
    await calibrate(knowhow.database, knowhow.encoder, knowhow.search)
