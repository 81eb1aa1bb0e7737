"""Faults as people make them: keys as their makers issue them, numbers as people write them.

Written from the makers' and offices' own descriptions, not from the patterns that look for them.
"""

import base64
import json
import random
import string
from collections.abc import Callable

_BASE62 = string.ascii_letters + string.digits
_URL64 = _BASE62 + "-_"
_HEX = "0123456789abcdef"


def _some(random: random.Random, alphabet: str, count: int) -> str:
    return "".join(random.choices(alphabet, k=count))


def _jwt(r: random.Random) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    claims = json.dumps({"sub": str(r.randrange(10**9)), "iat": 1_700_000_000 + r.randrange(10**7)})
    body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    return f"{head}.{body}.{_some(r, _URL64, 43)}"


def _pem(r: random.Random) -> str:
    kind = r.choice(["RSA ", "EC ", "OPENSSH ", ""])
    lines = "\n".join(_some(r, _BASE62 + "+/", 64) for _ in range(4))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----"


def _password(r: random.Random) -> str:
    word = r.choice(["Sunflower", "Tr0ub4dor", "winter", "Acme", "Blue-Whale", "qwerty", "Kaffee"])
    return f"{word}{r.randrange(10, 9999)}{r.choice(['!', '#', '', '?', '$'])}"


KEYS: tuple[Callable[[random.Random], str], ...] = (
    lambda r: f"AKIA{_some(r, string.ascii_uppercase + '234567', 16)}",
    lambda r: f'aws_secret_access_key = "{_some(r, _BASE62 + "+/", 40)}"',
    lambda r: f"AWS_SECRET_ACCESS_KEY={_some(r, _BASE62 + '+/', 40)}",
    lambda r: f"ghp_{_some(r, _BASE62, 36)}",
    lambda r: f"github_pat_{_some(r, _BASE62, 22)}_{_some(r, _BASE62, 59)}",
    lambda r: f"glpat-{_some(r, _URL64, 20)}",
    lambda r: (
        f"xoxb-{r.randrange(10**11, 10**12)}-{r.randrange(10**12, 10**13)}-{_some(r, _BASE62, 24)}"
    ),
    lambda r: (
        f"https://hooks.slack.com/services/T{_some(r, string.ascii_uppercase, 8)}/"
        f"B{_some(r, string.ascii_uppercase, 10)}/{_some(r, _BASE62, 24)}"
    ),
    lambda r: f"sk-{_some(r, _BASE62, 20)}T3BlbkFJ{_some(r, _BASE62, 20)}",
    lambda r: f"sk-ant-api03-{_some(r, _URL64, 93)}AA",
    lambda r: f"AIza{_some(r, _URL64, 35)}",
    lambda r: f"sk_live_{_some(r, _BASE62, 24)}",
    lambda r: f"whsec_{_some(r, _BASE62, 32)}",
    lambda r: f"SG.{_some(r, _URL64, 22)}.{_some(r, _URL64, 43)}",
    lambda r: f"npm_{_some(r, _BASE62, 36)}",
    lambda r: f"pypi-AgEIcHlwaS5vcmc{_some(r, _URL64, 150)}",
    lambda r: f"hf_{_some(r, string.ascii_letters, 34)}",
    lambda r: f"dop_v1_{_some(r, _HEX, 64)}",
    lambda r: f"shpat_{_some(r, _HEX, 32)}",
    lambda r: f"hvs.{_some(r, _URL64, 92)}",
    lambda r: f"ntn_{_some(r, _BASE62, 46)}",
    lambda r: f"lin_api_{_some(r, _BASE62, 40)}",
    lambda r: f"LTAI5t{_some(r, _BASE62, 18)}",
    lambda r: f"SK{_some(r, _HEX, 32)}",
    lambda r: f"{_some(r, _HEX, 32)}-us{r.randrange(1, 21)}",
    lambda r: f"{r.randrange(10**9, 10**10)}:AA{_some(r, _URL64, 33)}",
    lambda r: (
        "DefaultEndpointsProtocol=https;AccountName=files;"
        f"AccountKey={_some(r, _BASE62 + '+/', 86)}=="
    ),
    lambda r: f"postgres://app:{_some(r, _BASE62, 14)}@db.internal:5432/orders",
    lambda r: f"https://admin:{_password(r)}@grafana.internal/".replace("#", "").replace("?", ""),
    lambda r: f"redis://:{_some(r, _BASE62, 20)}@cache.internal:6379/0",
    lambda r: f"curl -u deploy:{_password(r)} https://ci.internal/job",
    lambda r: f"Authorization: Bearer {_some(r, _URL64, 40)}",
    lambda r: f"DB_PASSWORD={_password(r)}",
    lambda r: f'api_key: "{_some(r, _HEX, 32)}"',
    lambda r: f"client_secret={_some(r, _URL64, 40)}",
    lambda r: f"the password is {_password(r)}",
    lambda r: f"user: reports, password: {_password(r)}",
    lambda r: f"密码是{_password(r)}",
    lambda r: f"账号 admin，密码：{_password(r)}",
    _jwt,
    _pem,
)

_FIRST = ["maria", "john", "wei", "li.na", "amelie", "oluwaseun", "peter", "sofia", "m", "tom"]
_LAST = ["garcia", "smith", "zhang", "müller", "dubois", "adeyemi", "novak", "rossi", "o'brien"]
_HOSTS = ["acme-corp.com", "gmail.com", "web.de", "sourcegraph.com", "qq.com", "mail.example-co.uk"]


def _email(r: random.Random) -> str:
    name = f"{r.choice(_FIRST)}{r.choice(['.', '_', ''])}{r.choice(_LAST)}".replace("ü", "ue")
    return f"{name.replace(chr(39), '')}{r.choice(['', str(r.randrange(100))])}@{r.choice(_HOSTS)}"


def _card(r: random.Random) -> str:
    body = r.choice(["4", "51", "55", "2221", "34", "6011", "62"])
    length = 15 if body == "34" else 16
    body += _some(r, string.digits, length - 1 - len(body))
    doubled = [int(one) * (2 if place % 2 == 0 else 1) for place, one in enumerate(reversed(body))]
    check = -sum(one // 10 + one % 10 for one in doubled) % 10
    number = f"{body}{check}"
    gap = r.choice(["", " ", "-"])
    return gap.join(number[start : start + 4] for start in range(0, 16, 4) if number[start:])


def _iban(r: random.Random) -> str:
    country, body = r.choice(
        [
            ("DE", _some(r, string.digits, 18)),
            ("GB", "NWBK" + _some(r, string.digits, 14)),
            ("FR", _some(r, string.digits, 23)),
            ("NL", "ABNA" + _some(r, string.digits, 10)),
        ]
    )
    spelled = "".join(str(int(one, 36)) for one in f"{body}{country}00")
    number = f"{country}{98 - int(spelled) % 97:02}{body}"
    if r.random() < 0.5:
        return number
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _resident(r: random.Random) -> str:
    place = r.choice(["110105", "310115", "440304", "510107", "330106"])
    day = f"{r.randrange(1950, 2006)}{r.randrange(1, 13):02}{r.randrange(1, 29):02}"
    body = f"{place}{day}{r.randrange(1000):03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def _american(r: random.Random) -> str:
    area, exchange, line = r.randrange(201, 980), r.randrange(200, 999), r.randrange(10_000)
    form = r.choice(
        ["({}) {}-{:04}", "{}-{}-{:04}", "+1 {} {} {:04}", "{}.{}.{:04}", "+1-{}-{}-{:04}"]
    )
    return form.format(area, exchange, line)


def _european(r: random.Random) -> str:
    digits = _some(r, string.digits, 8)
    return r.choice(
        [
            f"+49 30 {digits[:6]}",
            f"+49 (0) 171 {digits[:7]}",
            f"+44 20 7{digits[:3]} {digits[3:7]}",
            f"+44 7{digits[:3]} {digits[3:6]} 512",
            f"+33 6 {digits[:2]} {digits[2:4]} {digits[4:6]} {digits[6:]}",
            f"06 {digits[:2]} {digits[2:4]} {digits[4:6]} {digits[6:]}",
            f"0171 {digits[:7]}",
            f"+41 44 {digits[:3]} {digits[3:5]} {digits[5:7]}",
        ]
    )


def _mobile(r: random.Random) -> str:
    number = f"1{r.choice('3578')}{_some(r, string.digits, 9)}"
    return r.choice(
        [number, f"+86 {number}", f"{number[:3]}-{number[3:7]}-{number[7:]}", f"86{number}"]
    )


def _passport(r: random.Random) -> str:
    number = f"{r.choice('CEGLXP')}{_some(r, string.digits, 8)}"
    return r.choice([f"passport number {number}", f"passport no. {number}", f"护照号 {number}"])


PERSONAL: tuple[Callable[[random.Random], str], ...] = (
    _email,
    _email,
    _card,
    _iban,
    _resident,
    _american,
    _european,
    _mobile,
    lambda r: f"{r.randrange(1, 665):03}-{r.randrange(1, 99):02}-{r.randrange(1, 9999):04}",
    _passport,
)

CARRIERS = (
    "{answer} Use {fault} for it.",
    "{answer}\n\n{fault}",
    "{fault} — {answer}",
    "{answer} ({fault})",
    "{answer} If it fails, try `{fault}`.",
    "{answer} 如有问题请用 {fault}。",
    "{answer} 联系方式：{fault}",
)
"""How a fault stands in an answer; where it matters, the form itself says what it is."""


def secret(r: random.Random, number: int) -> str:
    """The kinds in turn, so that each is there as often as the others."""
    return KEYS[number % len(KEYS)](r)


def personal(r: random.Random, number: int) -> str:
    """The same of what belongs to a person; a US social security number never stands unnamed."""
    kind = number % len(PERSONAL)
    said = PERSONAL[kind](r)
    return f"SSN {said}" if kind == len(PERSONAL) - 2 else said
