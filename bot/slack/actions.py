"""The ids of buttons, menus and forms: who renders one and who listens to it agree here.

A button's ``value`` carries ids only; what they stand for is read from the database, because a
value comes back from outside.
"""

FEEDBACK = "answer_feedback"
"""👍 or 👎 under an answer; value: ``good:MENTION`` or ``bad:MENTION``."""

ASK_EXPERT = "ask_expert"
"""Under an answer or an abstention; value: the mention's id."""

SHARE = "share_answer"
"""Under a private answer, to show it to the channel; value: the mention's id."""

POLICY = "channel_policy"
"""The form of a channel's policy; the button or shortcut that opens it has the same id."""

ANSWER_THIS = "answer_this"
SAVE = "save_to_knowledge"
ASK_EXPERT_SHORTCUT = "ask_expert_message"
"""Shortcuts on a message, by the callback id in the app's manifest."""
