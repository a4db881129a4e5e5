"""The errors whose text a person sees.

Each message is one sentence or two: what happened, to which value, and what to do. Pages and the
command line show ``str(error)`` as it is; anything that is not an `OverlapError` is a bug.

    OverlapError
      ConfigError
      DocumentError        one file can't be read; the others go on
        UnsupportedFileError, CorruptFileError, EncryptedFileError, NoTextError, FileTooLargeError
      EmbeddingError
        ModelUnavailableError
      StoreError
        StoreUnavailableError, StoreAuthError, StoreTimeoutError, StoreLockedError
        ForeignCollectionError, ModelMismatchError, KnowledgeBaseNotFoundError
        KnowledgeBaseNameError, TextSearchMissingError
      LLMError
        LLMAuthError, LLMRateLimitError, LLMTimeoutError, LLMUnavailableError, LLMStreamCutError
      EvaluationError      a question file can't be used
      BenchError
        PlanError
        RecordError
      QuotaError           a visitor of a shared app has used up what its host allows

Four stand beside the only code that raises them: MissingPackageError (core.runtime.requirements),
LocalServerError (core.servers.standalone), WrongUseError (core.cli.exit_codes) and NameTakenError
(pages.components.same_name_form). What ends work because somebody asked for it is no error, and is none of
these: JobStoppedError (core.runtime.jobs), ReadStoppedError (core.documents.sandbox.pool) and RunStoppedError
(core.bench.load.cancellation).
"""

from __future__ import annotations


class OverlapError(Exception):
    """Base of all errors whose text is written for people."""


class ConfigError(OverlapError):
    """A setting has a value that can't be used; the message names the setting."""


class DocumentError(OverlapError):
    """One document can't be ingested; other documents are not affected."""


class UnsupportedFileError(DocumentError):
    """The file's type is not one that is read, or its content is not what its name says."""


class CorruptFileError(DocumentError):
    """The file is damaged or empty."""


class EncryptedFileError(DocumentError):
    """The file is protected by a password."""


class NoTextError(DocumentError):
    """The file was read but holds no text, such as a scan."""


class FileTooLargeError(DocumentError):
    """The file, or what it unpacks to, is over the limit."""


class EmbeddingError(OverlapError):
    """The embedding model could not do its work."""


class ModelUnavailableError(EmbeddingError):
    """The embedding model can't be loaded or downloaded."""


class StoreError(OverlapError):
    """Milvus refused or failed a call."""


class StoreUnavailableError(StoreError):
    """Milvus does not answer at the target."""


class StoreAuthError(StoreError):
    """Milvus refused the token."""


class StoreTimeoutError(StoreUnavailableError):
    """Milvus answered too late."""


class StoreLockedError(StoreError):
    """The Milvus Lite file is held by another process."""


class ForeignCollectionError(StoreError):
    """A collection of the wanted name exists but was not made by Overlap; it is left alone."""


class ModelMismatchError(StoreError):
    """The knowledge base was made with another embedding model.

    Args:
        model: The name of the model that it was made with.
        dim: The length of that model's vectors.
    """

    def __init__(self, message: str, *, model: str, dim: int) -> None:
        super().__init__(message)
        self.model, self.dim = model, dim


class KnowledgeBaseNotFoundError(StoreError):
    """No knowledge base of that name exists at the target."""


class KnowledgeBaseNameError(StoreError):
    """The name can't be given to a knowledge base: too long, empty or taken."""


class TextSearchMissingError(StoreError):
    """The knowledge base can't be searched by words: its target or it has no text index."""


class LLMError(OverlapError):
    """The language model's server failed; the sources that were found still stand.

    Args:
        can_retry: Whether the same request may succeed later, or after what the message says to do.
    """

    def __init__(self, message: str, *, can_retry: bool = True) -> None:
        super().__init__(message)
        self.can_retry = can_retry


class LLMAuthError(LLMError):
    """The language model's server refused the API key."""


class LLMRateLimitError(LLMError):
    """The language model's server asks to slow down, or the quota is used up."""


class LLMTimeoutError(LLMError):
    """The language model's server answered too late."""


class LLMUnavailableError(LLMError):
    """The language model's server can't be reached or failed inside."""


class LLMStreamCutError(LLMError):
    """The answer's stream ended before the model had finished."""


class EvaluationError(OverlapError):
    """A file of questions can't be used; the message names the line."""


class BenchError(OverlapError):
    """A benchmark can't be run."""


class PlanError(BenchError):
    """A plan's setting is out of range; the message names it."""


class RecordError(BenchError):
    """A record file is cut, foreign, or of a newer schema."""


class QuotaError(OverlapError):
    """What the host of a shared app allows is used up; the message says when it is possible again."""
