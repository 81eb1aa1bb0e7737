"""What the agent keeps of a workspace: questions, errands, and how it wants to be served."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from knowledge.tables import metadata, moment

_OPEN = text("state NOT IN ('done', 'failed')")
_HELD = text("lease IS NOT NULL")

mention = Table(
    "mention",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, comment="the message's; null for a slash command"),
    Column("thread_ts", Text, comment="where the answer goes"),
    Column("lane", Text, nullable=False, comment="answers in one lane keep their order"),
    Column("person", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("response_url", Text, comment="slash commands answer here"),
    Column(
        "outside",
        Boolean,
        nullable=False,
        server_default="false",
        comment="people of another organisation read along",
    ),
    Column("files", JSONB, nullable=False, server_default="[]", comment="attached to the message"),
    Column("state", Text, nullable=False, server_default="received"),
    Column("lease", Uuid, comment="token of the worker that holds it"),
    Column("lease_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("answer", JSONB),
    Column("answer_ts", Text, comment="the posted message's ts"),
    Column("error", Text),
    Column("queue_wait_ms", Float),
    Column("stream_ts", Text, comment="the streamed message's; empty: one may have been started"),
    Column(
        "stopped",
        Boolean,
        nullable=False,
        server_default="false",
        comment="somebody pressed stop",
    ),
    Column(
        "told_at",
        DateTime(timezone=True),
        comment="when its author was last shown that it waits",
    ),
    moment("created_at"),
    moment("updated_at"),
    UniqueConstraint("channel", "ts"),
    CheckConstraint(
        "kind IN ('mention', 'direct', 'followup', 'command', 'shortcut', 'overheard')",
        name="kind",
    ),
    CheckConstraint(
        "state IN ('received', 'answering', 'posting', 'done', 'failed')", name="state"
    ),
    Index("ix_mention_open", "lease_until", postgresql_where=_OPEN),
    Index("ix_mention_lane", "lane", "created_at"),
    Index("ix_mention_channel", "team", "channel", "created_at"),
    Index("ix_mention_person", "team", "person", "created_at"),
    Index("ix_mention_asked", "team", "created_at"),
    Index(
        "ix_mention_unanswered",
        "team",
        "created_at",
        postgresql_where=text("(answer ->> 'abstained') = 'true'"),
    ),
    Index("ix_mention_open_person", "person", "created_at", postgresql_where=_OPEN),
    Index("ix_mention_open_channel", "channel", "created_at", postgresql_where=_OPEN),
    Index("ix_mention_held", "person", "channel", postgresql_where=_HELD),
)

errand = Table(
    "errand",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", Text, nullable=False, unique=True, comment="the click's: done only once"),
    Column("kind", Text, nullable=False, comment="which handler runs it"),
    Column("team", Text, nullable=False),
    Column("person", Text, nullable=False, comment="who wants it; empty: nobody, the clock does"),
    Column("lane", Text, nullable=False, comment="errands in one lane keep their order"),
    Column("payload", JSONB, nullable=False),
    Column("progress", JSONB, nullable=False, server_default="{}", comment="what is done of it"),
    Column("state", Text, nullable=False, server_default="received"),
    Column("lease", Uuid, comment="token of the worker that holds it"),
    Column("lease_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    moment("created_at"),
    moment("updated_at"),
    CheckConstraint("state IN ('received', 'working', 'done', 'failed')", name="state"),
    Index("ix_errand_open", "lease_until", postgresql_where=_OPEN),
    Index("ix_errand_lane", "lane", "created_at"),
    comment="what was asked of us by a click, a form or the clock, and is to be done once",
)

workspace = Table(
    "workspace",
    metadata,
    Column("team", Text, primary_key=True),
    Column("consented_by", Text, comment="who let Slack messages become training data"),
    Column("consented_at", DateTime(timezone=True), comment="null: they do not"),
    Column("digest_channel", Text, comment="where the weekly message goes; null: nowhere"),
    moment("created_at"),
)

channel_policy = Table(
    "channel_policy",
    metadata,
    Column("team", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("answers", Text, nullable=False, comment="mention, every or never"),
    Column("follows", Boolean, nullable=False, comment="answers follow-ups without a mention"),
    Column("collections", ARRAY(Text), nullable=False, comment="empty: all"),
    Column("least_confidence", Float, nullable=False),
    Column("expert", Text, nullable=False, comment="a user or a user group; empty: nobody"),
    Column("language", Text, nullable=False, comment="en or zh; empty: the reader's"),
    Column("daily_budget", Integer, comment="questions a day; null: no limit"),
    Column("author", Text, nullable=False, comment="who set it last"),
    moment("updated_at"),
    CheckConstraint("answers IN ('mention', 'every', 'never')", name="answers"),
    CheckConstraint("language IN ('', 'en', 'zh')", name="language"),
    comment="how a channel wants to be answered; without a row, as the defaults say",
)
