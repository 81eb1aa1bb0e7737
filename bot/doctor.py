"""The doctor: looks at every part in turn and says what is wrong and how to mend it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from openai import OpenAIError
from sqlalchemy import select

from agent.errors import AgentError
from agent.learned.loading import load_version
from agent.learned.promotions import Serving
from agent.learned.registry import Registry
from agent.learned.shutdowns import warnings
from agent.policies import Policies
from agent.workspace_tables import workspace
from bot.settings import Settings, SettingsError
from bot.slack.checks import Check, check_policies, check_signing_secret, check_slack
from bot.slack.errors import SlackError
from bot.slack.installs_checks import check_installed
from bot.slack.oauth import INSTALL
from bot.wiring import Knowhow, installs_connection, open_knowhow, open_main, slack_connection
from knowledge.database import HEAD
from knowledge.errors import EncoderError, KnowledgeError
from knowledge.storage.scopes import collections


async def examine(settings: Settings) -> Sequence[Check]:
    """Every check, in the order in which a newcomer would mend them."""
    checks: list[Check] = []
    policies: Sequence[Check] = ()
    try:
        many = settings.slack_client_id is not None and settings.workspace is None
        async with (open_main if many else open_knowhow)(settings) as knowhow:
            where = "KNOWHOW_DATABASE_URL" if settings.database_url else f"under {settings.home}"
            checks.append(Check("database", ok=True, found=f"{where}, schema {HEAD}"))
            checks.append(await _encoder(knowhow))
            if many:
                checks += await _workspaces(knowhow)
            else:
                checks += [await _documents(knowhow), *await _domain_model(knowhow)]
                policies = await _policies(knowhow)
            checks.append(await _chat_model(knowhow))
    except KnowledgeError as error:
        mend = "mend this first, then run `knowhow doctor` again"
        checks.append(Check("database", ok=False, found=str(error), mend=mend))
    return (*checks, *await _slack(settings), *policies)


async def _encoder(knowhow: Knowhow) -> Check:
    name = f"encoder {knowhow.encoder.name}"
    try:
        vectors = await knowhow.encoder.encode(["ready?"])
        await knowhow.library.check_encoder()
    except EncoderError as error:
        return Check(name, ok=False, found=str(error), mend="see KNOWHOW_EMBEDDER in the README")
    return Check(name, ok=True, found=f"{vectors.shape[1]} dimensions")


async def _documents(knowhow: Knowhow) -> Check:
    documents = await knowhow.library.documents()
    chunks = sum(one.chunks for one in documents)
    return Check(
        "documents",
        ok=bool(documents),
        found=f"{len(documents)} documents in {chunks} chunks",
        mend="`knowhow upload PATH` adds some",
    )


async def _domain_model(knowhow: Knowhow) -> Sequence[Check]:
    """What answers everyone and the canary, and what its provider is about to end."""
    standing = await Registry(knowhow.database).standing()
    serving = [one for one in (standing.live, standing.canary) if one is not None]
    if not serving:
        none = "none is live: all questions go to the documents"
        return (Check("domain model", ok=True, found=none),)
    return [check for one in serving for check in await _version(knowhow, one)]


async def _version(knowhow: Knowhow, serving: Serving) -> Sequence[Check]:
    name = "domain model" if serving.canary is None else "domain model (canary)"
    try:
        await load_version(knowhow.database, knowhow.encoder, serving.version, knowhow.endpoints)
        known = await Registry(knowhow.database).version(serving.version)
    except AgentError as error:
        return (Check(name, ok=False, found=str(error), mend="train and promote again"),)
    ending = warnings(known.backend, known.manifest, datetime.now(UTC).date())
    # What is announced breaks nothing yet, and the model goes on answering.
    return tuple(
        Check(name, ok=True, found=line) for line in (f"domain:{serving.version}", *ending)
    )


async def _chat_model(knowhow: Knowhow) -> Check:
    settings, endpoint = knowhow.settings, knowhow.endpoint
    if endpoint is None or not settings.writes_answers:
        return Check("chat model", ok=True, found="none: answers are quoted from the documents")
    name = f"chat model {settings.chat_model}"
    where = settings.openai_base_url or "OpenAI"
    try:
        offered = {model.id async for model in endpoint.models.list(timeout=10)}
    except OpenAIError as error:
        mend = "check OPENAI_BASE_URL, OPENAI_API_KEY and that the server runs"
        found = f"{where} does not answer ({type(error).__name__})"
        return Check(name, ok=False, found=found, mend=mend)
    if settings.chat_model in offered:
        return Check(name, ok=True, found=f"offered by {where}")
    few = ", ".join(sorted(offered)[:5])
    mend = f"set KNOWHOW_CHAT_MODEL to one of them: {few}"
    return Check(name, ok=False, found=f"not among the models of {where}", mend=mend)


async def _workspaces(main: Knowhow) -> Sequence[Check]:
    """What each workspace has is seen with KNOWHOW_WORKSPACE; here, that its app works."""
    try:
        connection = installs_connection(main.settings, serving=True)
        installed = await connection.installs(main.database).all()
    except (SettingsError, SlackError) as error:
        return (Check("workspaces", ok=False, found=str(error), mend="mend the environment"),)
    found = f"{len(installed)} have installed the app; more can at {connection.public_url}{INSTALL}"
    return (
        Check("workspaces", ok=True, found=found),
        check_signing_secret(connection.signing_secret),
        *await check_installed(connection, installed),
    )


async def _slack(settings: Settings) -> Sequence[Check]:
    if settings.slack_client_id is not None:
        return ()
    if settings.slack_bot_token is None:
        mend = "`knowhow manifest` makes the app; put its tokens into the environment"
        return (Check("Slack", ok=False, found="SLACK_BOT_TOKEN is not set", mend=mend),)
    connection = slack_connection(settings)
    socket = connection.app_token is not None
    return await check_slack(connection, socket=socket, public_url=settings.public_url)


async def _policies(knowhow: Knowhow) -> Sequence[Check]:
    """Each channel's policy, and where the weekly message goes."""
    if knowhow.settings.slack_bot_token is None:
        return ()
    engine = knowhow.database.engine
    digests = select(workspace.c.team, workspace.c.digest_channel).where(
        workspace.c.digest_channel.is_not(None)
    )
    async with engine.connect() as connection:
        places = [(row[0], row[1]) for row in await connection.execute(digests)]
    return await check_policies(
        slack_connection(knowhow.settings),
        await Policies(knowhow.database).all(),
        await collections(engine),
        places,
    )
