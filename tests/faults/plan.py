"""What a trial does to everybody, and how much of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """What a trial does; shares are of all calls, counts are for the whole run."""

    mentions: int = 10_000
    kills: int = 500
    restarts: int = 10
    freezes: int = 0
    drains: int = 0
    lost: float = 0.05
    redelivered: float = 0.20
    limited: float = 0.01
    broken: float = 0.005
    stalled: float = 0.005
    over: str = "http"
    """``socket``: events come by Socket Mode, and some of its sockets close."""
    closed: float = 0.01
    model_trouble: float = 0.03
    slow: float = 0.05
    """Of the model's replies: they are shown while they are written."""
    errands: float = 0.15
    """From so many answers somebody goes on with buttons and forms; of commands four times."""
    files: float = 0.03
    """So many mentions in channels bring a file."""
    thinking_s: float = 0.0
    chat_timeout_s: float = 3.0
    servers: int = 2
    workers: int = 3
    at_a_time: int = 4
    outstanding: int = 48
    """So many questions wait for their answers at most."""
    lease_s: float = 6.0
    seed: int = 7
    patience_s: float = 600.0
    """Without any answer for so long, the trial ends and what is open counts as lost."""
