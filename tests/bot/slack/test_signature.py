"""Only Slack's own requests, and only fresh ones."""

import pytest

from bot.slack.signature import is_genuine, sign

# The example of Slack's documentation.
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TIMESTAMP = "1531420618"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
    b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_slacks_own_example_is_genuine() -> None:
    assert is_genuine(SECRET, TIMESTAMP, SIGNATURE, BODY, float(TIMESTAMP) + 299)


@pytest.mark.parametrize("now", [301, -301])
def test_a_stale_request_is_not(now: int) -> None:
    assert not is_genuine(SECRET, TIMESTAMP, SIGNATURE, BODY, float(TIMESTAMP) + now)


@pytest.mark.parametrize(
    ("timestamp", "signature", "body"),
    [
        (TIMESTAMP, SIGNATURE, BODY + b" "),
        (TIMESTAMP, SIGNATURE[:-1] + "4", BODY),
        (TIMESTAMP, "v0=ü", BODY),
        (TIMESTAMP, "", BODY),
        ("soon", sign(SECRET, "soon", BODY), BODY),
        ("1531420618.5", SIGNATURE, BODY),
        ("١٥٣١٤٢٠٦١٨", SIGNATURE, BODY),
        ("9" * 400, SIGNATURE, BODY),
        ("", SIGNATURE, BODY),
    ],
)
def test_anything_else_is_not(timestamp: str, signature: str, body: bytes) -> None:
    assert not is_genuine(SECRET, timestamp, signature, body, float(TIMESTAMP))
