"""Keys and passwords in a text, by the marks that their makers gave them.

Only formats that announce themselves are looked for, as detect-secrets' named detectors do: what
merely looks random is far more often a hash or an id.
"""

import re

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_\w{60,255}\b"),
        ("a GitLab token", r"\bglpat-[\w-]{20,50}\b"),
        ("a Slack token", r"\bxox[abeoprs]-[\w-]{10,250}\b|\bxapp-\d-[\w-]{10,250}\b"),
        ("a Slack webhook", r"https://hooks\.slack\.com/(?:services|workflows)/[\w/-]{20,100}"),
        ("an OpenAI key", r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,200}\b"),
        ("an Anthropic key", r"\bsk-ant-[\w-]{20,200}\b"),
        ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b"),
        ("a Stripe key", r"\b[rs]k_live_[0-9A-Za-z]{20,100}\b"),
        ("a SendGrid key", r"\bSG\.[\w-]{22}\.[\w-]{43}\b"),
        ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a PyPI token", r"\bpypi-[\w-]{50,300}\b"),
        ("a private key", r"-----BEGIN (?:[A-Z]{2,12} )?PRIVATE KEY(?: BLOCK)?-----"),
        ("a JSON web token", r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}"),
        (
            "a password in an address",
            r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:[^\s/:@]{3,100}@",
        ),
    )
)


def secret_in(text: str) -> str | None:
    """What kind of secret the text holds, in words; None where there is none known."""
    return next((name for name, pattern in _PATTERNS if pattern.search(text)), None)


def without_secrets(text: str) -> str:
    """The text with each secret replaced by what it is, for whoever must look at it."""
    for name, pattern in _PATTERNS:
        text = pattern.sub(f"[{name}]", text)
    return text
