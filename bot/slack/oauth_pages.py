"""What a browser shows at the end of an installation, in the reader's language."""

from html import escape
from urllib.parse import quote

from agent.reading.languages import Language
from agent.texts import Text

DONE_TITLE = Text(en="Knowhow is in {team}", zh="Knowhow 已加入 {team}")
DONE = Text(
    en="Mention it in a channel, or write to it directly. It knows what whoever runs it uploads "
    "for your workspace, and nobody else sees that.",
    zh="在频道中提及它，或直接给它发消息即可。它只了解其运维人员为您的工作区上传的内容，其他工作区无法看到。",
)
OPEN = Text(en="Open Slack", zh="打开 Slack")
FAILED_TITLE = Text(en="Knowhow was not installed", zh="Knowhow 未安装成功")
AGAIN = Text(en="Try again", zh="重试")

REASONS = {
    "access_denied": Text(
        en="You did not allow it. Nothing was changed.", zh="您没有授权。未做任何更改。"
    ),
    "invalid_state": Text(
        en="The page was open for too long, or in another browser.",
        zh="页面打开时间过长，或使用了另一个浏览器。",
    ),
    "organisation": Text(
        en="It cannot be installed for a whole organisation: install it in one workspace.",
        zh="它不支持整个组织安装：请安装到单个工作区。",
    ),
    "not_invited": Text(
        en="Whoever runs it has not opened it to your workspace. Ask them to.",
        zh="其运维人员尚未向您的工作区开放。请与他们联系。",
    ),
    "slow": Text(
        en="Slack did not answer in time. Nothing was installed.",
        zh="Slack 未及时响应，未安装任何内容。",
    ),
    "slack": Text(en="Slack did not confirm the installation.", zh="Slack 未确认此次安装。"),
    "ours": Text(
        en="Something went wrong on our side; it is in the log. Nothing is kept of it.",
        zh="我们这边出了问题，详情见日志。未保留任何内容。",
    ),
}
"""Why it failed, by our own names."""

_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;\
color:#1d1c1d}}a{{display:inline-block;margin-top:1rem;padding:.5rem 1rem;border-radius:.4rem;\
background:#1264a3;color:#fff;text-decoration:none}}</style></head>
<body><h1>{title}</h1><p>{said}</p><a href="{link}">{action}</a></body></html>
"""

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}


def done_page(reader: Language, name: str, app: str, team: str) -> str:
    """The workspace's name and ids come from Slack."""
    link = f"https://slack.com/app_redirect?app={quote(app)}&team={quote(team)}"
    return _page(reader, DONE_TITLE.to(reader, team=name), DONE.to(reader), link, OPEN.to(reader))


def failed_page(reader: Language, reason: str, again: str) -> str:
    """``reason`` is a key of `REASONS`; ``again`` is where to begin anew."""
    said = REASONS[reason].to(reader)
    return _page(reader, FAILED_TITLE.to(reader), said, again, AGAIN.to(reader))


def _page(reader: Language, title: str, said: str, link: str, action: str) -> str:
    lang = "zh-Hans" if reader == "zh" else "en"
    fields = {"title": title, "said": said, "link": link, "action": action}
    return _PAGE.format(lang=lang, **{name: escape(value) for name, value in fields.items()})


def language_of(accepted: str) -> Language:
    """The page's language by the browser's ``Accept-Language``."""
    return "zh" if accepted.strip().lower().startswith("zh") else "en"
