"""Keys and passwords in a text: by the marks that their makers gave them, and where one is named.

Only formats that announce themselves are looked for: what merely looks random is far more often a
hash or an id. The named detectors of detect-secrets add the formats that are not listed here, but
for those that take any long word after "key" for one; neither its entropy and keyword detectors nor
its verification over the network are used.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

_MARKED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
        ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,255}\b|\bgithub_pat_\w{60,255}\b"),
        ("a GitLab token", r"\bglpat-[\w-]{20,50}\b"),
        ("a Slack token", r"\bxox[abeoprs]-[\w-]{10,250}\b|\bxapp-\d-[\w-]{10,250}\b"),
        ("a Slack webhook", r"https://hooks\.slack\.com/(?:services|workflows)/[\w/-]{20,100}"),
        ("an Anthropic key", r"\bsk-ant-[\w-]{20,200}"),
        ("an OpenAI key", r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,200}\b"),
        ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])"),
        ("a Google OAuth secret", r"\bGOCSPX-[\w-]{28}"),
        ("a Stripe key", r"\b[rs]k_live_[0-9A-Za-z]{20,100}\b|\bwhsec_[A-Za-z0-9+/]{24,80}"),
        ("a SendGrid key", r"\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
        ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a PyPI token", r"\bpypi-[\w-]{50,300}"),
        ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,50}\b"),
        ("a DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
        ("a Shopify token", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b"),
        ("a Vault token", r"\bhv[sbr]\.[\w-]{24,200}"),
        ("a Notion token", r"\bntn_[A-Za-z0-9]{40,60}\b|\bsecret_[A-Za-z0-9]{43}\b"),
        ("a Linear key", r"\blin_(?:api|oauth)_[A-Za-z0-9]{32,64}\b"),
        ("a Databricks token", r"\bdapi[a-f0-9]{32}\b"),
        ("a Grafana token", r"\bgl(?:sa|c)_[A-Za-z0-9+/=_-]{32,200}"),
        ("a New Relic key", r"\bNRAK-[A-Z0-9]{27}\b"),
        ("an Alibaba Cloud key", r"\bLTAI[A-Za-z0-9]{12,26}\b"),
        ("a Tencent Cloud key", r"\bAKID[A-Za-z0-9]{32}\b"),
        ("a Sourcegraph token", r"\bsgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}\b"),
        ("a private key", r"-----BEGIN (?:[A-Z]{2,12} )?PRIVATE KEY(?: BLOCK)?-----"),
        ("a JSON web token", r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}"),
        ("a bearer token", r"\b[Bb]earer[ :]+[A-Za-z0-9_.~+/-]{24,2000}"),
        (
            "a password in an address",
            r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:(?![\"']?[<{$*])[^\s/:@]{3,100}@",
        ),
        (
            "a password in a command",
            r"\bcurl\b[^\n]{0,200}? (?:-u|--user)[ =]?[\"']?[\w.@-]{1,60}:[^\s\"'<>{}$*]{4,100}",
        ),
    )
)

_NAMED = re.compile(
    r"(?i:pass(?:word|wd|phrase|code)?|pwd|secret|(?:api|access|auth|account|service|private|client"
    r"|signing|encryption)[ _-]?key|token|credentials?|密码|口令|密钥|令牌)[\w-]{0,20}[\"'`*]{0,3}"
    r"\s{0,3}(?::=|=>|={1,3}|[:：]|\bis\b|\bwas\b|是|为)\s{0,3}[\"'`*]{0,3}"
    r"(?P<value>[^\s\"'`<>{}()\[\]，。；、*…]{6,200})(?!\()"
)
"""A name and what is assigned to it; that this is a value and no word is for `_is_value` to say."""

_KEY_BODY = re.compile(
    r"-----BEGIN (?:[A-Z]{2,12} )?PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END[^\n]*|\Z)", re.DOTALL
)

_WORDS = re.compile(
    r"^(?i:sha-?\d|base\d|oauth|md5|utf|bcrypt|aes|rsa|argon|pbkdf|http|file|www\.|\$|%|your"
    r"|my[-_]|xxx|example|process\.|os\.|env\.|config\.)"
    r"|^\d+[-a-z]*$|^[a-z]+(?:-[a-z]+|-\d+)+$|^[\w-]+(?:\.[a-z_]\w*)+$|^/|/$|://|^[A-Z][A-Z_]+\d*$"
)
_LONG_ENOUGH = 30
_LONG = re.compile(r"[\w+/=.:-]{16}")
_DETECTORS = (
    "aws.AWSKeyDetector",
    "azure_storage_key.AzureStorageKeyDetector",
    "discord.DiscordBotTokenDetector",
    "github_token.GitHubTokenDetector",
    "gitlab_token.GitLabTokenDetector",
    "mailchimp.MailchimpDetector",
    "npm.NpmDetector",
    "openai.OpenAIDetector",
    "pypi_token.PypiTokenDetector",
    "sendgrid.SendGridDetector",
    "slack.SlackDetector",
    "square_oauth.SquareOAuthDetector",
    "stripe.StripeDetector",
    "telegram_token.TelegramBotTokenDetector",
    "twilio.TwilioKeyDetector",
)


def secret_in(text: str) -> str | None:
    """What kind of secret the text holds, in words; None where there is none known."""
    return next(_kinds(text), None)


def without_secrets(text: str) -> str:
    """The text with each secret replaced by what it is, for whoever must look at it.

    Where that leaves anything suspicious nothing of the text is left.
    """
    shown = _KEY_BODY.sub("[a private key]", text)
    for name, pattern in _MARKED:
        shown = pattern.sub(f"[{name}]", shown)
    shown = _NAMED.sub(_without_value, shown)
    kind = secret_in(shown)
    return shown if kind is None else f"[{kind}]"


def _without_value(match: re.Match[str]) -> str:
    value = match["value"]
    return match[0].replace(value, "[…]") if _is_value(value) else match[0]


def _kinds(text: str) -> Iterator[str]:
    yield from (name for name, pattern in _MARKED if pattern.search(text))
    if any(_is_value(match["value"]) for match in _NAMED.finditer(text)):
        yield "a password or key that is named as one"
    for run in _long_runs(text):
        for detector in _detectors():
            if any(detector.analyze_string(run)):
                yield f"a secret ({detector.secret_type})"


def _is_value(text: str) -> bool:
    """Letters and digits, or a long run of both cases; no word, path, placeholder or code."""
    value = text.rstrip(".,;:!?")
    lower, upper = any(map(str.islower, value)), any(map(str.isupper, value))
    mixed = (lower or upper) and any(map(str.isdigit, value))
    mixed = mixed or (lower and upper and len(value) >= _LONG_ENOUGH)
    return mixed and len(set(value)) > 3 and not _WORDS.search(value)  # noqa: PLR2004


def _long_runs(text: str) -> Iterator[str]:
    """The lines in which anything is as long as a key."""
    return (line for line in text.splitlines() if _LONG.search(line))


@cache
def _detectors() -> tuple[Any, ...]:  # plugins share a base class that is not typed
    made = []
    for name in _DETECTORS:
        module, kind = name.split(".")
        made.append(getattr(import_module(f"detect_secrets.plugins.{module}"), kind)())
    return tuple(made)
