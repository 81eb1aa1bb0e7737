"""What somebody might ask: questions that the documents answer, and some that nothing answered.

Of what others asked only that is offered which was asked where the reader could have heard it.
"""

from collections.abc import Sequence

from sqlalchemy import text

from agent.reading.languages import Language, language
from knowledge.database import Database
from knowledge.documents import Reader
from knowledge.storage.scopes import MAY_SEE_SCOPE

_CANDIDATES = 40
_LONGEST = 200
"""Characters; a longer question is no suggestion."""

# One a document, another one each day, the same all day long.
_FROM_QUESTION_SET = text(f"""
    SELECT text FROM (
        SELECT DISTINCT ON (question.document_id)
            question.text, md5(question.id::text || CAST(:salt AS text)) AS lot
        FROM question
        JOIN chunk ON chunk.id = question.chunk_id
        WHERE char_length(question.text) <= {_LONGEST}
        AND chunk.scope_id = ANY (ARRAY(SELECT id FROM scope WHERE {MAY_SEE_SCOPE}))
        ORDER BY question.document_id, lot
    ) AS drawn
    ORDER BY lot LIMIT {_CANDIDATES}
""")  # noqa: S608 - constants only

_UNANSWERED = text(f"""
    SELECT text FROM mention
    WHERE team = :team AND state = 'done' AND answer ->> 'route' = 'none'
    AND created_at > now() - interval '30 days'
    AND char_length(text) BETWEEN 8 AND {_LONGEST}
    AND CASE WHEN kind IN ('mention', 'followup', 'overheard', 'shortcut') AND NOT outside
            AND channel NOT LIKE 'D%'
        THEN person = :person OR channel = ANY(CAST(:channels AS text[]))
        ELSE person = :person
    END
    ORDER BY created_at DESC LIMIT {_CANDIDATES}
""")  # noqa: S608 - constants only


async def suggested(
    database: Database,
    reader: Reader,
    *,
    team: str,
    person: str,
    channels: Sequence[str],
    spoken: Language,
    salt: str,
    limit: int,
) -> tuple[str, ...]:
    """Up to so many questions, those in the person's language first; ``salt`` draws others.

    ``channels`` are those that the person is in. The last is one that was not answered, if any.
    """
    asked = {"principals": list(reader.principals), "collections": None, "salt": salt}
    own = {"team": team, "person": person, "channels": list(channels)}
    async with database.engine.connect() as connection:
        known = list(await connection.scalars(_FROM_QUESTION_SET, asked))
        open_still = list(await connection.scalars(_UNANSWERED, own))

    def best(questions: Sequence[str]) -> list[str]:
        lines = dict.fromkeys(" ".join(one.split()) for one in questions)
        return sorted(lines, key=lambda one: language(one) != spoken)

    unanswered = best(open_still)[:1]
    chosen = [*best(known)[: limit - len(unanswered)], *unanswered]
    return tuple(dict.fromkeys(chosen))
