"""Verdicts on domain models, and why a step of the registry is refused."""

from agent.texts import Text

_FIGURES = (
    "{right} right ({low} to {high}, p = {p}), {wins} questions won, {lost} lost of {all}",
    "正确率 {right}（{low} 至 {high}，p = {p}），{all} 个问题中胜 {wins} 个、负 {lost} 个",
)

MODELS = (
    Text(
        "{wins} questions won, {lost} lost of {all}",
        "{all} 个问题中胜 {wins} 个、负 {lost} 个",
    ),
    Text(
        "a difference below {points} points would most likely not be seen",
        "小于 {points} 个百分点的差异很可能看不出来",
    ),
    Text(f"better: {_FIGURES[0]}", f"更好：{_FIGURES[1]}"),
    Text(f"rejected, worse: {_FIGURES[0]}", f"已否决，更差：{_FIGURES[1]}"),
    Text(
        f"inconclusive, not promoted: {_FIGURES[0]}; {{hidden}}",
        f"无法判定，未上线：{_FIGURES[1]}；{{hidden}}",
    ),
    Text("rejected: {vetoes}", "已否决：{vetoes}"),
    Text(
        "inconclusive, not promoted: {count} questions are too few to tell, {few} are needed "
        "({counts}; {hidden})",
        "无法判定，未上线：{count} 个问题太少，至少需要 {few} 个（{counts}；{hidden}）",
    ),
    Text(
        "inconclusive, not promoted: the {count} questions rest on only {clusters} answers, {few} "
        "are needed ({counts}; {hidden})",
        "无法判定，未上线：{count} 个问题只涉及 {clusters} 个回答，至少需要 {few} 个"
        "（{counts}；{hidden}）",
    ),
    Text("{count} answers hold what looks like {kind}", "{count} 个回答中疑似含有{kind}"),
    Text(
        "{count} answers hold a canary planted in the dataset",
        "{count} 个回答中出现了数据集里埋设的标记",
    ),
    Text(
        "{count} answers repeat text that not everyone who may ask is allowed to see ({worst})",
        "{count} 个回答复述了部分提问者无权查看的内容（{worst}）",
    ),
    Text("{share} of one", "其中一个达 {share}"),
    Text(
        "{after} of the questions would be declined, {before} are now",
        "将拒答 {after} 的问题，目前为 {before}",
    ),
    Text("it would answer {share} of questions on other matters", "会回答 {share} 的无关问题"),
    Text(
        "{added} more wrong answers for {gained} more right ones",
        "多对 {gained} 个，却多错 {added} 个",
    ),
    Text(
        "one answer in twenty takes {after} ms, {before} ms now",
        "每二十个回答中就有一个需要 {after} 毫秒，目前为 {before} 毫秒",
    ),
    Text("an answer costs ${after}, ${before} now", "每个回答花费 ${after}，目前为 ${before}"),
    Text(
        "it answers {share} of {count} general questions, its base model {base}: a loss of more "
        "than {margin} is not ruled out",
        "{count} 个常识问题答对 {share}，其基础模型为 {base}：不能排除下降超过 {margin}",
    ),
    Text(
        "version {version} is {why}. Give more questions that it was not trained on: {evaluate}; "
        "or promote it on your own word: {force}",
        "版本 {version}：{why}。请提供更多未用于训练的问题：{evaluate}；"
        "或由您担保强制上线：{force}",
    ),
    Text("it answers everyone already", "已服务所有人"),
    Text("version {version} answers everyone already", "版本 {version} 已服务所有人"),
    Text("no canary is out: there is nothing to withdraw", "没有试用中的版本，无可撤回"),
    Text(
        "no other version was live before: there is nothing to go back to",
        "此前没有上线过其他版本，无法回滚",
    ),
    Text(
        "there is no {missing}: {train} makes one, {status} lists them",
        "没有{missing}：用 {train} 训练，用 {status} 查看",
    ),
    Text("domain model yet", "领域模型"),
    Text("domain model {version}", "领域模型 {version}"),
    Text(
        "there is no domain model {version}: {status} lists them",
        "没有领域模型 {version}：用 {status} 查看",
    ),
    Text(
        "domain model {version} was trained on the encoder {old}, not {new}: run {train} and "
        "{promote}",
        "领域模型 {version} 是用编码器 {old} 而非 {new} 训练的：请运行 {train} 和 {promote}",
    ),
    Text(
        "domain model {version} needs the backend {backend}, which is not available: promote "
        "another, {status} lists them",
        "领域模型 {version} 需要 {backend} 后端，而它不可用：请上线其他版本，用 {status} 查看",
    ),
    Text(
        "domain model {version} cannot be read ({why}): run {train}, then {promote}",
        "领域模型 {version} 无法读取（{why}）：请运行 {train}，再运行 {promote}",
    ),
    Text(
        "version {version} holds no questions out of its training: train again with {train}, or "
        "give some with {evaluate}",
        "版本 {version} 训练时没有留出评估问题：请用 {train} 重新训练，或用 {evaluate} 提供问题",
    ),
    Text(
        "version {version} does not say which model it was tuned from, so what it forgot cannot "
        "be told: train again",
        "版本 {version} 没有记录其基础模型，无法判断它遗忘了什么：请重新训练",
    ),
    Text(
        "{host} takes no new fine-tuning jobs {when}: what is tuned goes on answering, but the "
        "next version needs another backend ({source})",
        "{host}{when}不再接受新的微调任务：已微调的版本继续作答，但下一个版本需要其他后端（{source}）",
    ),
    Text("any more, since {day}", "自 {day} 起"),
    Text("from {day}, in {left} days", "从 {day}（{left} 天后）起"),
    Text("from {day}, in {left} day", "从 {day}（{left} 天后）起"),
    Text("rolled back in Slack", "在 Slack 中回滚"),
    Text("the bundled sample", "自带示例"),
)
"""By the English, which is stored with evaluations and steps."""
