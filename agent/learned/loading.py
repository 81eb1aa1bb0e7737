"""From a row of the registry to a model that can be asked."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, exists, select

from agent.errors import RegistryError
from agent.learned.current_answers import CurrentAnswers
from agent.learned.domain import DomainModel
from agent.learned.endpoints import LORA, NOWHERE, OPENAI, Endpoints
from agent.learned.head_model import BACKEND, HeadModel
from agent.learned.registry import Registry
from agent.tables import domain_model, pair
from knowledge.database import Database
from knowledge.embedding import Encoder

BACKENDS = (BACKEND, LORA, OPENAI)


async def load_live(
    database: Database, encoder: Encoder, endpoints: Endpoints = NOWHERE
) -> DomainModel | None:
    """The live model, ready to be asked; None before the first promotion.

    Raises RegistryError as `load_version` does.
    """
    return await load_version(database, encoder, await Registry(database).live_version(), endpoints)


async def load_version(
    database: Database, encoder: Encoder, version: int | None, endpoints: Endpoints
) -> DomainModel | None:
    """A version, live or not, ready to be asked; None for None.

    A version whose endpoint is missing loads all the same and fails when it is asked, so that its
    questions go on to the documents. Raises RegistryError when there is no such version, or when
    it was trained on another encoder: similarities across encoders mean nothing, and it would
    answer with confidence and at random.
    """
    if version is None:
        return None
    row = await _fitting_row(database, encoder, version)
    from_documents = select(exists().where(pair.c.document_id.is_not(None)))
    async with database.engine.connect() as connection:
        may_go_stale = await connection.scalar(from_documents)
    head = HeadModel.unpack(version, row.parameters, row.manifest)
    judge = CurrentAnswers(head, database) if may_go_stale else head
    if row.backend == BACKEND:
        return judge
    from agent.learned.chat_domain import ChatDomain, served  # loads the SDK

    model = served(version, row.backend, row.manifest, endpoints)
    return ChatDomain(version, judge, model, row.manifest["system"])


async def load_judge(
    database: Database, encoder: Encoder, version: int
) -> tuple[HeadModel, Mapping[str, Any]]:
    """The head of a version as it was trained, whatever has gone stale since, and its manifest.

    Raises RegistryError as `load_version` does.
    """
    row = await _fitting_row(database, encoder, version)
    return HeadModel.unpack(version, row.parameters, row.manifest), row.manifest


async def _fitting_row(database: Database, encoder: Encoder, version: int) -> Row[Any]:
    query = select(domain_model).where(domain_model.c.version == version)
    async with database.engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise RegistryError(f"there is no domain model {version}: `knowhow tune status` lists them")
    if row.encoder != encoder.name:
        raise RegistryError(
            f"domain model {version} was trained on the encoder {row.encoder}, not "
            f"{encoder.name}: run `knowhow tune train` and `knowhow tune promote`"
        )
    if row.backend not in BACKENDS:
        raise RegistryError(
            f"domain model {version} needs the backend {row.backend}, which is not "
            "available: promote another, `knowhow tune status` lists them"
        )
    return row
