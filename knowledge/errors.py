"""Everything that can go wrong in the knowledge layer, as one tree.

KnowledgeError
├── DatabaseError          the database is missing, too old, or not migrated
├── EncoderError           an encoder could not be built or did not answer
│   └── EncoderMismatch    the stored embeddings were made by another encoder
├── UnreadableDocument     one document could not be read; the rest of the upload goes on
│   ├── EmptyDocument      it is there and holds nothing, as whoever wrote it may have meant
│   └── DocumentGone       its source itself says that it is no more
└── InvalidInput           a path, an audience, a line of a file or an option cannot be used

Every message is one line for a person: what, where, what to do.
"""


class KnowledgeError(Exception):
    """Base of the layer; its text may be shown to the person who asked."""


class DatabaseError(KnowledgeError):
    """The database cannot serve Knowhow as it is."""


class EncoderError(KnowledgeError):
    """An encoder is unknown, damaged, or its endpoint did not answer."""


class EncoderMismatch(EncoderError):
    """Stored embeddings come from another encoder; scores across encoders mean nothing."""


class UnreadableDocument(KnowledgeError):
    """One document yields no text; carries the reason only, the caller knows the document."""


class EmptyDocument(UnreadableDocument):
    """It holds nothing but white space and front matter; a scan without text is not empty."""


class DocumentGone(UnreadableDocument):
    """Its source says so (a web server's 404 or 410), not merely a failure to reach it."""


class InvalidInput(KnowledgeError):
    """What the person gave cannot be used."""
