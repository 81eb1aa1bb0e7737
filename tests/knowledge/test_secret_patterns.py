import pytest

from knowledge.secret_patterns import secret_in, without_secrets

# Put together here, so that no scanner of repositories takes this file for a leak.
SECRETS = {
    "an AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "a GitHub token": "ghp_" + "a1" * 18,
    "a Slack token": "xoxb-" + "1234567890-abcdefghij",
    "a Slack webhook": "https://hooks.slack.com/services/" + "T000/B000/" + "x" * 24,
    "an OpenAI key": "sk-proj-" + "Ab1" * 10,
    "a Google API key": "AIza" + "Sy" + "a" * 33,
    "a Stripe key": "sk_live_" + "a1" * 12,
    "a private key": "-----BEGIN RSA PRIVATE " + "KEY-----",
    "a JSON web token": "eyJ" + "hbGciOiJI" * 2 + ".eyJ" + "zdWIiOiIx" * 2 + "." + "c" * 20,
    "a password in an address": "postgresql://app:" + "hunter22@db.example/x",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_key_is_known_by_its_makers_mark(kind: str) -> None:
    assert secret_in(f"Use {SECRETS[kind]} for it.") == kind


@pytest.mark.parametrize(
    "text",
    [
        "Ask the sk-team for a key.",
        "The hash is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.",
        "See https://example.org:8080/a@b and mailto:ada@example.org",
        "Set SLACK_BOT_TOKEN to the token that begins with xoxb-.",
        "密码请向管理员索取。",
        "postgresql://db.example/x",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert secret_in(text) is None


@pytest.mark.parametrize("kind", SECRETS)
def test_what_is_shown_names_it_and_does_not_repeat_it(kind: str) -> None:
    shown = without_secrets(f"Use {SECRETS[kind]} for it.")
    assert kind in shown
    assert secret_in(shown) is None
