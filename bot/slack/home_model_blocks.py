"""The Home tab's domain model: which version answers, what could, and who let it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.learned.promotions import Event
from agent.reading.languages import Language
from agent.retold import retold
from agent.texts import Text
from agent.tuning.status import Status
from agent.tuning.stored_evaluations import Stored
from bot.slack import actions
from bot.slack.blocks import Block
from bot.slack.home_blocks import confirm_texts
from bot.slack.home_parts import actions as row
from bot.slack.home_parts import asks, button, fields, header, section, shortened
from bot.slack.mrkdwn import escape

_VERSIONS, _EVENTS = 6, 6
_WHY = 300

_TITLE = Text("The domain model", "领域模型")
_LIVE, _CANARY = Text("Answers everyone", "服务所有人"), Text("On trial", "试用中")
_PAIRS, _STALE = Text("Approved pairs", "已批准的问答对"), Text("Stale topics", "过期主题")
_VERSION = Text("version {version}", "版本 {version}")
_NOTHING = Text("no version", "无")
_NONE_YET = Text(
    "No model yet: `knowhow tune import` and `knowhow tune train` make one.",
    "还没有模型：用 `knowhow tune import` 和 `knowhow tune train` 训练一个。",
)
_ALL = Text("Versions", "版本")
_LINE = Text(
    "*{version}*  ·  {backend}, {pairs} pairs, {day}",
    "*{version}*  ·  {backend}，{pairs} 个问答对，{day}",
)
_VERDICT = Text("evaluated: {verdict}, for it is {why}", "评估结论：{verdict}（{why}）")
_UNEVALUATED = Text(
    "not evaluated against what is live: promoting it does that first, which takes minutes",
    "尚未与当前版本对比评估：上线前会先评估，需要几分钟",
)
_PROMOTE = Text("Promote version {version}", "上线版本 {version}")
_PROMOTE_ASKS = Text(
    "It will answer everyone, if its evaluation says so. Without one, it is evaluated first.",
    "若评估通过，它将服务所有人；没有评估则先评估。",
)
_ROLLBACK = Text("Roll back", "回滚")
_ROLLBACK_ASKS = Text(
    "A trial is ended; without one, the version before the live one answers again.",
    "结束试用；没有试用时，恢复上一个版本。",
)
_HISTORY = Text("History", "历史")
_FORCED = Text("forced", "强制")
_OUTCOMES: Mapping[str, Text] = {
    "promote": Text("promote", "可上线"),
    "reject": Text("reject", "否决"),
    "inconclusive": Text("inconclusive", "无法判定"),
}
_ACTIONS: Mapping[str, Text] = {
    "promote": Text("promote {version}", "上线版本 {version}"),
    "canary": Text("canary {version}", "试用版本 {version}"),
    "withdraw": Text("withdraw {version}", "撤回试用版本 {version}"),
    "rollback": Text("rollback {version}", "回滚到版本 {version}"),
}


@dataclass(frozen=True, slots=True)
class ModelState:
    """``newest`` is the newest version's last evaluation, None where it never had one."""

    status: Status
    newest: Stored | None
    history: Sequence[Event]

    @property
    def seen(self) -> str:
        """What answers now: a rollback is refused once that has changed."""
        canary = self.status.canary
        return f"{self.status.live or 0}/{canary['version'] if canary else 0}"


def model_blocks(reader: Language, state: ModelState) -> list[Block]:
    """Standing, warnings, versions with the buttons, and the last steps."""
    status = state.status
    if not status.versions:
        return [header(_TITLE.to(reader)), section(_NONE_YET.to(reader))]
    canary = status.canary["version"] if status.canary else None
    blocks = [
        header(_TITLE.to(reader)),
        fields(
            (_LIVE.to(reader), _named(reader, status.live)),
            (_CANARY.to(reader), _named(reader, canary)),
            (_PAIRS.to(reader), f"{status.pairs.get('approved', 0):,}"),
            (_STALE.to(reader), f"{len(status.stale_topics):,}"),
        ),
        *(section(f"⚠️ {escape(retold(line, reader))}") for line in status.warnings),
        section(f"*{_ALL.to(reader)}*\n{_versions(reader, state)}"),
        *row(*_buttons(reader, state)),
    ]
    if state.history:
        steps = "\n".join(_step(reader, one) for one in state.history[:_EVENTS])
        blocks += [header(_HISTORY.to(reader)), section(steps)]
    return blocks


def _named(reader: Language, version: int | None) -> str:
    return _NOTHING.to(reader) if version is None else _VERSION.to(reader, version=version)


def _versions(reader: Language, state: ModelState) -> str:
    lines = [
        _LINE.to(
            reader,
            version=one["version"],
            backend=escape(str(one["backend"])),
            pairs=one["pairs"] or "–",
            day=str(one["created_at"])[:10],
        )
        + ("  ✓" if one["live"] else "")
        for one in state.status.versions[:_VERSIONS]
    ]
    done = state.newest
    if done is not None and done.against == state.status.live:
        why = escape(shortened(retold(done.why, reader), _WHY))
        verdict = _OUTCOMES[done.verdict].to(reader)
        lines.insert(1, f"> {_VERDICT.to(reader, verdict=verdict, why=why)}")
    elif not state.status.versions[0]["live"]:
        lines.insert(1, f"> {_UNEVALUATED.to(reader)}")
    return "\n".join(lines)


def _buttons(reader: Language, state: ModelState) -> list[Block]:
    yes, no = confirm_texts(reader)
    buttons = []
    newest = state.status.versions[0]
    if not newest["live"]:
        label = _PROMOTE.to(reader, version=newest["version"])
        asked = asks(label, _PROMOTE_ASKS.to(reader), yes, no)
        version = str(newest["version"])
        buttons.append(button(label, actions.MODEL_PROMOTE, version, "primary", asked))
    if state.status.live is not None:
        asked = asks(_ROLLBACK.to(reader), _ROLLBACK_ASKS.to(reader), yes, no)
        label = _ROLLBACK.to(reader)
        buttons.append(button(label, actions.MODEL_ROLLBACK, state.seen, "danger", asked))
    return buttons


def _step(reader: Language, one: Event) -> str:
    grounds = one.grounds
    evidence = "–" if one.verdict is None else _OUTCOMES[one.verdict].to(reader)
    evidence = _FORCED.to(reader) if grounds.forced else evidence
    who = escape(grounds.author or "–")
    why = escape(shortened(retold(grounds.reason, reader), _WHY))
    action = _ACTIONS[one.action].to(reader, version=one.version)
    return f"`{one.created_at:%Y-%m-%d %H:%M}`  *{action}*  ·  {who}  ·  {evidence}  ·  {why}"
