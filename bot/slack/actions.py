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

STILL_HOLDS = "verified_still_holds"
"""Under a verified answer whose document has changed: use it again; value: the answer's id."""

FORGET = "verified_forget"
"""Under the same: never use it again; value: the answer's id."""
POLICY = "channel_policy"
"""The form of a channel's policy; the button or shortcut that opens it has the same id."""

ANSWER_THIS = "answer_this"
SAVE = "save_to_knowledge"
ASK_EXPERT_SHORTCUT = "ask_expert_message"
"""Shortcuts on a message, by the callback id in the app's manifest."""
HOME = "home_"
"""Everything in the Home tab begins with this; what follows names what is done."""

HOME_TAB = "home_tab:"
"""Followed by the tab that is opened."""

HOME_PAGE = "home_page:"
"""Followed by ``back`` or ``on``; value: how many items come before those shown then."""

PAIR_APPROVE = "home_pair_approve"
PAIR_REJECT = "home_pair_reject"
PAIR_MERGE = "home_pair_merge"
PAIR_KEEP = "home_pair_keep"
"""Value: ``ITEM:PAIR``; the item is 0 for a candidate in none, the pair 0 for all that are meant.
"""

PAIR_EDIT = "home_pair_edit"
"""Opens the form; value as above."""

PAIR_FORM = "home_pair_form"
"""A pair worded otherwise; private metadata: ``ITEM:PAIR`` and the place."""

FINDING_SETTLE = "home_finding_settle"
"""A conflict or a stale document is right as it stands; value: its key."""

FINDING_ASK = "home_finding_ask"
"""Asks the document's owner; value: ``DOCUMENT:KEY``."""

MODEL_PROMOTE = "home_model_promote"
MODEL_ROLLBACK = "home_model_rollback"
"""Behind a confirmation; value: the version, or what answered when the button was drawn."""

CONSENT = "home_consent"
"""Value: ``grant`` or ``withdraw``."""

DIGEST_CHANNEL = "home_digest_channel"
"""A menu of channels."""

DIGEST_OFF = "home_digest_off"

OPEN_HOME = "digest_open_home"
"""Under the weekly message: a link, which Slack reports all the same."""

DOCUMENTS_PAGE = "documents_page"
"""Under a list of documents, with ``:OFFSET`` behind it: ids in one block differ; value: offset."""
