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

CORRECT = "handover_correct"
"""Under a task: opens the form for the right answer; value: the hand-over's id."""

IS_RIGHT = "handover_is_right"
"""Under a task: the answer that somebody doubts holds; value: the hand-over's id."""

NOT_MINE = "handover_not_mine"
"""Under a task: the next in the chain is asked; value: ``HANDOVER:STEP``."""

ANSWER = "handover_answer"
"""Under a task: opens the form for the answer to a question; value: the hand-over's id."""

SEND_REPLY = "handover_send_reply"
"""Under what an expert wrote below a task, to send it as the answer; value: the reply's id."""

REMEMBER = "handover_remember"
"""Under an expert's answer, to keep it as a verified one; value: the hand-over's id."""

COMPLAINT_FORM = "complaint_form"
"""What is wrong with an answer; private metadata: the mention's id."""

CORRECTION_FORM = "correction_form"
"""The right answer; private metadata: the hand-over's id."""

ANSWER_FORM = "expert_answer_form"
"""An expert's answer; private metadata: the hand-over's id."""
