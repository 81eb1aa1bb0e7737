"""From a row of the registry to a model that can be asked."""

from sqlalchemy import exists, select

from agent.errors import RegistryError
from agent.learned.current_answers import CurrentAnswers
from agent.learned.domain import DomainModel
from agent.learned.head_model import BACKEND, HeadModel
from agent.learned.registry import Registry
from agent.tables import pair
from knowledge.database import Database
from knowledge.embedding import Encoder


async def load_live(database: Database, encoder: Encoder) -> DomainModel | None:
    """The live model, ready to be asked; None before the first promotion.

    Raises RegistryError when it was trained on another encoder: similarities across encoders mean
    nothing, and it would answer with confidence and at random.
    """
    live = await Registry(database).live()
    if live is None:
        return None
    if live.encoder != encoder.name:
        raise RegistryError(
            f"domain model {live.version} was trained on the encoder {live.encoder}, not "
            f"{encoder.name}: run `knowhow tune train` and `knowhow tune promote`"
        )
    if live.backend != BACKEND:
        raise RegistryError(
            f"domain model {live.version} needs the backend {live.backend}, which is not "
            "available: promote another, `knowhow tune status` lists them"
        )
    model = HeadModel.unpack(live.version, live.parameters, live.manifest)
    from_documents = select(exists().where(pair.c.document_id.is_not(None)))
    async with database.engine.connect() as connection:
        may_go_stale = await connection.scalar(from_documents)
    return CurrentAnswers(model, database) if may_go_stale else model
