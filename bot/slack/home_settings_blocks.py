"""The Home tab's switches of a workspace: training data, and the weekly message."""

from agent.feedback.consent import Consent
from agent.reading.languages import Language
from agent.texts import Text
from bot.slack import actions
from bot.slack.blocks import Block
from bot.slack.home_blocks import confirm_texts
from bot.slack.home_parts import actions as row
from bot.slack.home_parts import asks, button, header, plain, quiet, section
from bot.slack.mrkdwn import escape

_TRAINING = Text("What the domain model may learn from", "领域模型可以学习什么")
_NOT_GIVEN = Text(
    "Only what admins write themselves is taught. What experts and owners answer in Slack is a "
    "verified answer all the same, and its pair waits for an admin.",
    "仅学习管理员自己撰写的内容。专家和负责人在 Slack 中的答复仍是已核实的回答，"
    "其问答对会等待管理员批准。",
)
_GIVEN = Text(
    "What experts and owners answer in Slack may be taught. {who} allowed it on {day}.",
    "专家和负责人在 Slack 中的答复可用于训练。{who} 于 {day} 允许。",
)
_GRANT, _WITHDRAW = Text("Allow it", "允许"), Text("Take it back", "撤回")
_GRANT_ASKS = Text(
    "Slack messages become training data of this workspace's domain model. Slack's terms want an "
    "admin to decide that.",
    "Slack 消息将成为本工作区领域模型的训练数据。Slack 条款要求由管理员决定。",
)
_WITHDRAW_ASKS = Text(
    "Pairs that rest on it wait for an admin again.", "相关问答对将重新等待管理员批准。"
)
_DIGEST = Text("The weekly message", "每周简报")
_DIGEST_SAYS = Text(
    "Mondays from 9:00 ({zone}): what was asked, what is missing, and which documents are stale.",
    "每周一 9:00（{zone}）起：提问情况、知识缺口和过期文档。",
)
_CREATORS = Text("as the channel's creator's clock shows it", "按频道创建者的时区")
_GOES_TO = Text("It goes to {channel}.", "发送到 {channel}。")
_NOWHERE = Text("It goes nowhere.", "目前不发送。")
_CHOOSE = Text("Choose a channel", "选择频道")
_INVITE = Text("Invite me to the channel first.", "请先邀请我加入该频道。")
_OFF = Text("Stop it", "停止发送")


def settings_blocks(
    reader: Language, consent: Consent | None, channel: str | None, zone: str = ""
) -> list[Block]:
    """Both switches as they stand; ``consent.by`` is a user's ID, or a name.

    ``zone`` names that of the message's channel.
    """
    yes, no = confirm_texts(reader)
    if consent is None:
        said, asked = _NOT_GIVEN.to(reader), _GRANT_ASKS.to(reader)
        switch = (_GRANT.to(reader), actions.CONSENT, "grant", "primary")
    else:
        said = _GIVEN.to(reader, who=escape(consent.by or "–"), day=f"{consent.at:%Y-%m-%d}")
        asked = _WITHDRAW_ASKS.to(reader)
        switch = (_WITHDRAW.to(reader), actions.CONSENT, "withdraw", "danger")
    menu: Block = {
        "type": "conversations_select",
        "action_id": actions.DIGEST_CHANNEL,
        "placeholder": plain(_CHOOSE.to(reader)),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if channel:
        menu["initial_conversation"] = channel
    goes = _GOES_TO.to(reader, channel=f"<#{channel}>") if channel else _NOWHERE.to(reader)
    zone = zone or _CREATORS.to(reader)
    off = [button(_OFF.to(reader), actions.DIGEST_OFF)] if channel else []
    return [
        header(_TRAINING.to(reader)),
        section(said),
        *row(button(*switch, asks(switch[0], asked, yes, no))),
        header(_DIGEST.to(reader)),
        section(f"{_DIGEST_SAYS.to(reader, zone=zone)} {goes}"),
        *row(menu, *off),
        quiet(_INVITE.to(reader)),
    ]
