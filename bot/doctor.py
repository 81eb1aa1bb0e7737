"""The doctor: looks at every part in turn and says what is wrong and how to mend it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from openai import OpenAIError
from pydantic import SecretStr
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
from bot.slack.checks_events import check_events
from bot.slack.checks_manifest import NOT_COMPARED, check_manifest
from bot.slack.checks_membership import check_membership
from bot.slack.connection import SlackConnection
from bot.slack.errors import SlackError
from bot.slack.installs import Installed
from bot.slack.installs_checks import check_installed
from bot.slack.installs_connection import InstallsConnection
from bot.slack.oauth import INSTALL
from bot.wiring import Knowhow, installs_connection, open_knowhow, open_main, slack_connection
from knowledge.database import HEAD
from knowledge.errors import EncoderError, KnowledgeError
from knowledge.storage.scopes import collections


async def examine(settings: Settings) -> Sequence[Check]:
    """Every check, in the order in which a newcomer would mend them."""
    checks: list[Check] = []
    places: Sequence[Check] = ()
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
                places = await _places(knowhow)
            checks.append(await _chat_model(knowhow))
    except KnowledgeError as error:
        mend = "mend this first, then run `knowhow doctor` again"
        checks.append(Check("database", ok=False, found=str(error), mend=mend))
    return (*checks, *await _slack(settings), *places)


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
        await _manifest_of(connection, installed, main.settings.slack_config_token),
        *await check_installed(connection, installed),
    )


async def _manifest_of(
    connection: InstallsConnection, installed: Sequence[Installed], token: SecretStr | None
) -> Check:
    """The app is one and the same in every workspace: the first one's token names it."""
    if token is None or not installed:
        return NOT_COMPARED
    there = SlackConnection(installed[0].token, connection.api_url)
    return await check_manifest(there, token.get_secret_value(), connection.public_url)


async def _slack(settings: Settings) -> Sequence[Check]:
    if settings.slack_client_id is not None:
        return ()
    if settings.slack_bot_token is None:
        mend = "`knowhow manifest` makes the app; put its tokens into the environment"
        return (Check("Slack", ok=False, found="SLACK_BOT_TOKEN is not set", mend=mend),)
    connection = slack_connection(settings)
    socket = connection.app_token is not None
    checks = await check_slack(connection, socket=socket, public_url=settings.public_url)
    if settings.slack_config_token is None:
        return (*checks, NOT_COMPARED)
    token, url = settings.slack_config_token.get_secret_value(), settings.public_url
    return (*checks, await check_manifest(connection, token, None if socket else url))


async def _places(knowhow: Knowhow) -> Sequence[Check]:
    """What has come from Slack, where the bot is, each policy, and where the weekly message goes.

    Each on its own: what cannot work in one channel says nothing of the others.
    """
    if knowhow.settings.slack_bot_token is None:
        return ()
    engine = knowhow.database.engine
    digests = select(workspace.c.team, workspace.c.digest_channel).where(
        workspace.c.digest_channel.is_not(None)
    )
    async with engine.connect() as connection:
        places = [(row[0], row[1]) for row in await connection.execute(digests)]
    slack, policies = slack_connection(knowhow.settings), await Policies(knowhow.database).all()
    wanted = [*places, *((one.team, one.channel) for one in policies)]
    return (
        *await check_events(knowhow.database),
        await check_membership(slack, wanted),
        *await check_policies(slack, policies, await collections(engine), places),
    )
