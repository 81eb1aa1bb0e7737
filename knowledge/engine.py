"""The engine: a pool of connections that notice what has gone, and each see one schema."""

import time
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    import psycopg

SEES = "knowhow_sees"
"""The execution option with the schema that an engine's connections see."""

_USED = "knowhow_used"
"""When a connection of the pool was used last, by the monotonic clock."""

_ALIVE_FOR_S = 1.0
"""So long after it was used a connection is not asked whether it still stands."""

_CONNECTIONS, _MORE_CONNECTIONS = 10, 5
"""Of a process: kept once they were needed, and opened for a moment."""

_DEADLINES: Mapping[str, str] = MappingProxyType(
    {
        "connect_timeout": "10",
        # Without these a server whose machine or network has gone is waited for up to two hours.
        "keepalives_idle": "15",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    }
)
"""Of each connection, unless its URL says otherwise; in seconds, the last in milliseconds.
https://www.postgresql.org/docs/current/libpq-connect.html
"""


def make_engine(address: URL, schema: str, idle: timedelta) -> AsyncEngine:
    """An engine; whoever is frozen within a transaction keeps its locks for ``idle``."""
    engine = create_async_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args=_arguments(address, schema, idle),
        # What is opened beyond is closed at once, and opening ten while many ask takes longer than
        # waiting for one.
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        hide_parameters=True,  # they are questions and documents, and errors are logged
        execution_options={SEES: schema},
    )

    def connected(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[SEES] = schema
        _returned(connection, record)
        _register_vectors(connection)

    def taken(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info[_USED] > _ALIVE_FOR_S:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error  # others are opened in place of all

    event.listen(engine.sync_engine, "connect", connected)
    event.listen(engine.sync_engine, "checkout", taken)
    event.listen(engine.sync_engine, "checkin", _returned)
    event.listen(engine.sync_engine, "engine_connect", _see)
    return engine


def conninfo(address: URL, schema: str, idle: timedelta) -> str:
    """For libraries that connect by themselves: the same limits, the same schema."""
    plain = address.set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    query = address.update_query_dict(_arguments(address, schema, idle)).query
    # SQLAlchemy writes a space as "+", and libpq reads that as a plus.
    return f"{plain}?{urlencode(query, doseq=True, quote_via=quote)}"


def _arguments(address: URL, schema: str, idle: timedelta) -> dict[str, str]:
    # jit compiles for longer than these queries run.
    limits = f"-cjit=off -cidle_in_transaction_session_timeout={idle.total_seconds():.0f}s"
    options = f"-csearch_path={schema},public {limits}"
    ours = {name: value for name, value in _DEADLINES.items() if name not in address.query}
    return {"options": options, **ours}


def _returned(_: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _see(connection: Connection) -> None:
    """Point a connection of the pool at the schema of the engine that it is checked out for."""
    schema = connection.get_execution_options()[SEES]
    if connection.info[SEES] == schema:
        return
    connection.exec_driver_sql(f'SET search_path TO "{schema}", public')
    connection.commit()
    connection.info[SEES] = schema


def _register_vectors(connection: Any) -> None:
    """Teach the driver the one vector type of ours; absent before the first migration."""
    from pgvector.psycopg.halfvec import register_halfvec_info
    from psycopg.types import TypeInfo

    async def register(driver: "psycopg.AsyncConnection[Any]") -> None:
        # pgvector's own registration asks the server four times, for types that nobody uses.
        if (info := await TypeInfo.fetch(driver, "halfvec")) is not None:
            register_halfvec_info(driver, info)

    connection.run_async(register)
