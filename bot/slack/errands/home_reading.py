"""Reads what each tab of Home shows."""

from datetime import UTC, datetime, timedelta

from agent.digests import digest_channel
from agent.feedback.consent import consent_of
from agent.feedback.handovers import count_open, open_handovers
from agent.findings import Finding, Page
from agent.gaps.unmet import Period
from agent.learned.registry import Registry
from agent.paging import page_start
from agent.tuning.review_queue import questions_at
from agent.tuning.status import tuning_status
from agent.tuning.stored_evaluations import newest
from agent.usage import usage
from bot.jobs.errand import Hands
from bot.slack.blocks import Block
from bot.slack.digest_zones import zone_of
from bot.slack.gaps_blocks import GAPS_SHOWN, gaps_blocks
from bot.slack.gaps_reading import DAYS, gaps_for, names_of, shown_gaps
from bot.slack.home_blocks import Overview, overview_blocks, pager
from bot.slack.home_model_blocks import ModelState, model_blocks
from bot.slack.home_place import HomePlace
from bot.slack.home_queue_blocks import (
    FINDINGS_SHOWN,
    HANDOVERS_SHOWN,
    PAIRS_SHOWN,
    findings_blocks,
    handovers_blocks,
    pairs_blocks,
)
from bot.slack.home_settings_blocks import settings_blocks
from bot.slack.home_usage_blocks import usage_blocks
from bot.slack.people import Person
from knowledge.storage.overview import visible_collections, visible_questions

_DAYS_BEFORE = timedelta(days=29)
_SUGGESTED = 4


async def blocks_of(hands: Hands, person: Person, place: HomePlace) -> list[Block]:
    """The tab's blocks for this person; every tab but the overview is for admins."""
    database, team = hands.desk.database, hands.held.errand.team
    reader, now = person.language, datetime.now(UTC)
    match place.tab:
        case "pairs":
            shown, at, count = await questions_at(database, place.at, PAIRS_SHOWN)
            blocks = pairs_blocks(reader, shown, at, count)
        case "handovers":
            count = await count_open(database, team)
            at = page_start(place.at, HANDOVERS_SHOWN, count)
            waiting = await open_handovers(database, team, HANDOVERS_SHOWN, at)
            names = await names_of(hands.workspace, (one.holder for one in waiting if one.holder))
            blocks = handovers_blocks(reader, waiting, names, at, count)
        case "documents":
            page = await hands.workspace.findings.page(team, now, place.at, FINDINGS_SHOWN)
            blocks = findings_blocks(reader, page, await names_of(hands.workspace, _owners(page)))
        case "gaps":
            blocks = await _gaps(hands, person, place.at)
        case "usage":
            blocks = usage_blocks(reader, await usage(database, team, _month(now)))
        case "model":
            blocks = model_blocks(reader, await _model(hands))
        case "settings":
            async with database.engine.connect() as connection:
                consent = await consent_of(connection, team)
            channel = await digest_channel(database, team)
            zone = str(await zone_of(hands.workspace, channel)) if channel else ""
            blocks = settings_blocks(reader, consent, channel, zone)
        case "overview":
            blocks = overview_blocks(reader, await _overview(hands, person))
    return blocks


def _owners(page: Page) -> list[str]:
    found = [one for one in page.items if isinstance(one, Finding)]
    documents = [one for each in found for one in (each.document, each.other) if one]
    return [one.owner for one in documents if one.owner]


def _month(now: datetime) -> Period:
    """Thirty days, today being the last: whole ones, as the bars are drawn."""
    first = (now - _DAYS_BEFORE).replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(first, now)


async def _overview(hands: Hands, person: Person) -> Overview | None:
    if person.outside:
        return None
    alone = await hands.workspace.belonging.alone(person.id)
    engine = hands.desk.database.engine
    return Overview(
        await visible_collections(engine, alone),
        await visible_questions(engine, alone, _SUGGESTED),
    )


async def _gaps(hands: Hands, person: Person, at: int) -> list[Block]:
    alone = await hands.workspace.belonging.alone(person.id)
    found = await gaps_for(hands, person)
    at = page_start(at, GAPS_SHOWN, len(found))
    shown = await shown_gaps(hands, found, alone, at)
    blocks = gaps_blocks(person.language, shown, 0, DAYS)
    turn = pager(person.language, at, GAPS_SHOWN, len(found))
    return [*blocks, *turn]


async def _model(hands: Hands) -> ModelState:
    database = hands.desk.database
    status = await tuning_status(database)
    latest = status.versions[0]["version"] if status.versions else None
    evaluated = None if latest is None else await newest(database, latest)
    return ModelState(status, evaluated, await Registry(database).history())
