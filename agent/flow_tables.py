"""What keeps questions flowing: replies already paid for, channels' pace, how long we listened."""

from sqlalchemy import Column, DateTime, Float, Table, Text, Uuid

from knowledge.tables import metadata, moment

paid_reply = Table(
    "paid_reply",
    metadata,
    Column("question", Uuid, primary_key=True, comment="the mention's id"),
    Column("prompt", Text, primary_key=True, comment="digest of what was asked of which model"),
    Column("text", Text, nullable=False),
    Column("cost_usd", Float),
    moment("created_at"),
    comment="kept from a model's reply until the answer is decided, so that none is paid twice",
)

channel_pace = Table(
    "channel_pace",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("free_at", DateTime(timezone=True), nullable=False, comment="all messages so far paid"),
    prefixes=["UNLOGGED"],
    comment="when each channel takes its next message; what a crash loses of it is no loss",
)

heard = Table(
    "heard",
    metadata,
    Column("team", Text, primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
    comment="how far everything that a workspace sent has reached us",
)
