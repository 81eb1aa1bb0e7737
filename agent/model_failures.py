"""What to say when a chat model fails, and whose fault it is."""

from dataclasses import dataclass
from http import HTTPStatus

import openai

from agent.texts import Said, Text

_THE_MODEL = Said("the chat model", "对话模型")
_OFFERS_IT = Said("that it offers the model", "它是否提供该模型")


@dataclass(frozen=True, slots=True)
class Named:
    """What a person calls the model, and what to check when it fails."""

    what: Said = _THE_MODEL
    url: str = "OPENAI_BASE_URL"
    key: str = "OPENAI_API_KEY"
    model: Said = _OFFERS_IT


CHAT_MODEL = Named(model=Said("KNOWHOW_CHAT_MODEL", "KNOWHOW_CHAT_MODEL"))

FALLBACK = Named(
    url="KNOWHOW_FALLBACK_BASE_URL",
    key="KNOWHOW_FALLBACK_API_KEY",
    model=Said("KNOWHOW_FALLBACK_MODEL", "KNOWHOW_FALLBACK_MODEL"),
)


_LATE = Text(
    "{who} did not answer in time: try later or use a faster model",
    "{who}没有及时回答：请稍后再试，或换用更快的模型",
)
_REFUSED = Text("{who} refused the key: check {key}", "{who}拒绝了密钥：请检查 {key}")
_REMEDIES: dict[type[Exception], Text] = {
    openai.AuthenticationError: _REFUSED,
    openai.PermissionDeniedError: _REFUSED,
    openai.NotFoundError: Text(
        "{who} was not found: check {model} and {url}", "找不到{who}：请检查 {model} 和 {url}"
    ),
    openai.RateLimitError: Text(
        "{who} has no quota left for now: try later or raise its limits",
        "{who}的额度暂时用完了：请稍后再试，或提高其限额",
    ),
    openai.APITimeoutError: _LATE,  # before its base class APIConnectionError
    openai.APIConnectionError: Text(
        "{who} cannot be reached: check {url} and that it runs",
        "无法连接{who}：请检查 {url}，并确认服务正在运行",
    ),
    TimeoutError: _LATE,
}
_STATUS = Text(
    "{who} answered with status {status}: look into that server's log",
    "{who}返回了状态码 {status}：请查看该服务器的日志",
)
_BROKE_OFF = Text("{who} broke off its reply: try again", "{who}的回答中途断开了：请重试")
EMPTY = Text(
    "{who} sent an empty reply; try another model", "{who}返回了空的回答；请换一个模型试试"
)
RESTS = Text(
    "{who} failed again and again and is left alone for half a minute",
    "{who}接连失败，半分钟内不再请求",
)


def explained(error: Exception, who: Said, named: Named) -> Said:
    """One line without the server's own words, which may repeat the key or the prompt."""
    if isinstance(error, openai.APIStatusError) and type(error) not in _REMEDIES:
        return _STATUS.filled(who=who, status=error.status_code)
    known = (remedy for kind, remedy in _REMEDIES.items() if isinstance(error, kind))
    remedy = next(known, _BROKE_OFF)
    return remedy.filled(who=who, url=named.url, key=named.key, model=named.model)


def is_the_endpoints(cause: BaseException | None) -> bool:
    """Whether others would fail there too; not so a request that it understood and refused."""
    if isinstance(cause, openai.APIStatusError) and type(cause) not in _REMEDIES:
        return cause.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    return cause is not None
