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

DOCUMENTS_PAGE = "documents_page"
"""Under a list of documents, with ``:OFFSET`` behind it: ids in one block differ; value: offset."""
