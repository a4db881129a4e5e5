"""Mail messages: .eml, and Outlook's .msg."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.encoding import decode_text
from core.documents.readers.html import read_html
from core.documents.readers.outlook import outlook_message
from core.documents.readers.parts import blocks_of, numbered
from core.errors import CorruptFileError, DocumentError

# A message in a message in a message: further in nobody looks.
MAX_DEPTH = 3
MAX_ATTACHMENTS = 200
# In UTF-16 every other one of its first letters is a zero.
NUM_HEAD_BYTES = 200
# Each takes seconds.
MAX_PICTURES = 10
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp")
# Parts that say nothing to a reader: signatures, and what servers report to each other.
UNSHOWN = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "message/delivery-status",
        "message/disposition-notification",
        "text/rfc822-headers",
    }
)
ENCRYPTED = "the message is encrypted: its text was not read"
SHOWN_HEADERS = ("From", "To", "Cc", "Date", "Subject")

# Reads an attachment as a document of its own: its name, its bytes, how deep it lies.
ReadAttachment = Callable[[str, bytes, int], ReadResult]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail; `name` is what the mail calls it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A text that the message shows, and whether it is HTML."""

    text: str
    is_html: bool


@dataclass(frozen=True, slots=True)
class Message:
    """A mail, taken apart.

    Attributes:
        headers: Names and values.
        bodies: The texts that it shows, in their order.
        notes: What else is in it and can't be read.
    """

    headers: tuple[tuple[str, str], ...]
    bodies: tuple[Body, ...]
    attachments: tuple[Attachment, ...]
    notes: tuple[str, ...] = ()


def read_eml(file: str, data: bytes, depth: int, read_attachment: ReadAttachment) -> ReadResult:
    """The message as the first page, then the pages of its attachments, each under its name.

    Raises:
        CorruptFileError: When there is neither a header nor a body.
    """
    if b"\0" in data[:NUM_HEAD_BYTES]:
        # Saved by an editor or a shell in UTF-16.
        data = decode_text(file, data).encode()
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    try:
        message = _message(parsed)
    # Broad on purpose: headers and encodings of mail surface as whatever the parser trips over.
    except Exception as exc:
        raise CorruptFileError(f"{file} is damaged and can't be read as a mail message.") from exc
    if not message.headers:
        raise CorruptFileError(f"{file} is no mail message: it has no sender, date or subject.")
    return _result(file, message, depth, read_attachment)


def read_msg(file: str, data: bytes, depth: int, read_attachment: ReadAttachment) -> ReadResult:
    """Outlook's form of a message, read like `read_eml`.

    Raises:
        CorruptFileError: When it is damaged.
        UnsupportedFileError: When it is no message.
    """
    headers, body, is_html, attachments = outlook_message(file, data)
    found = tuple(Attachment(name, content) for name, content in attachments)
    return _result(file, Message(headers, (Body(body, is_html),), found), depth, read_attachment)


def _message(parsed: EmailMessage) -> Message:
    headers = tuple((name, str(parsed[name])) for name in SHOWN_HEADERS if parsed[name])
    chosen = parsed.get_body(preferencelist=("plain", "html"))
    bodies: list[Body] = []
    attachments: list[Attachment] = []
    notes: list[str] = []
    for number, leaf in enumerate(_leaves(parsed), 1):
        part, kind = leaf.part, leaf.part.get_content_type()
        if part is chosen or _is_shown(leaf):
            bodies.append(Body(_content(part), kind == "text/html"))
        elif kind == "message/rfc822" or part.is_attachment() or part.get_filename():
            # A logo that the text shows is no attachment.
            if not (part.get("Content-ID") and part.get_content_maintype() == "image"):
                attachments.append(_attachment(part, number))
        elif kind.startswith("multipart/"):
            # Its borders are not where it says: what it holds is all that can be shown.
            bodies.append(Body(str(part.get_payload() or ""), is_html=False))
        elif leaf.is_encrypted or kind == "application/pkcs7-mime":
            notes.append(ENCRYPTED)
        elif not leaf.is_alternative and kind not in UNSHOWN and not part.get("Content-ID"):
            notes.append(f"part {number} ({kind}) not read")
    return Message(headers, tuple(bodies), tuple(attachments), tuple(dict.fromkeys(notes)))


def _is_shown(leaf: _Leaf) -> bool:
    """Whether it is a text that stands below the first one, such as what a mailing list adds."""
    is_text = leaf.part.get_content_type() in {"text/plain", "text/html"}
    is_file = leaf.part.is_attachment() or leaf.part.get_filename()
    return is_text and not is_file and not leaf.is_alternative


def _content(part: Any) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # an encoding that does not exist
        return bytes(part.get_payload(decode=True) or b"").decode(errors="replace")


def _attachment(part: Any, number: int) -> Attachment:
    if part.get_content_type() != "message/rfc822":
        return Attachment(
            part.get_filename() or f"attachment {number}", bytes(part.get_payload(decode=True) or b"")
        )
    name = part.get_filename() or f"message {number}.eml"
    return Attachment(name if name.endswith(".eml") else f"{name}.eml", part.get_payload(0).as_bytes())


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A part that holds no others, a message inside counted as one.

    Attributes:
        is_alternative: It says in another form what another part says.
        is_encrypted: It is the outside of a message that can't be read.
    """

    part: Any
    is_alternative: bool = False
    is_encrypted: bool = False


def _leaves(parsed: Any) -> Iterator[_Leaf]:
    stack = [_Leaf(parsed)]
    while stack:
        leaf = stack.pop()
        part, kind = leaf.part, leaf.part.get_content_type()
        if (kind == "message/rfc822" and part is not parsed) or not part.is_multipart():
            yield leaf
            continue
        is_alternative = leaf.is_alternative or kind == "multipart/alternative"
        is_encrypted = leaf.is_encrypted or kind == "multipart/encrypted"
        stack += [_Leaf(each, is_alternative, is_encrypted) for each in reversed(part.get_payload())]


def _result(file: str, message: Message, depth: int, read_attachment: ReadAttachment) -> ReadResult:
    headers = [Block(BlockKind.FORM_FIELD, f"{name}: {_one_line(value)}") for name, value in message.headers]
    notes = list(message.notes)
    shown = [block for body in message.bodies for block in _body_blocks(file, body)]
    pages = [page_of(None, [*headers, *shown], label="message")]
    num_pictures = 0
    for attachment in message.attachments[:MAX_ATTACHMENTS]:
        num_pictures += _is_picture(attachment)
        if num_pictures > MAX_PICTURES and _is_picture(attachment):
            notes.append(f"attachment {attachment.name} not read: more than {MAX_PICTURES} pictures")
            continue
        read, note = _read_attachment(attachment, depth, read_attachment)
        pages += read
        notes += note
    left = len(message.attachments) - MAX_ATTACHMENTS
    if left > 0:
        notes.append(f"{left:,} attachments not read")
    return ReadResult(numbered(pages), tuple(notes))


def _is_picture(attachment: Attachment) -> bool:
    return attachment.name.lower().endswith(_PICTURE_SUFFIXES)


def _body_blocks(file: str, body: Body) -> Iterable[Block]:
    if body.is_html:
        # Decoded already: what the page declares is not true any more.
        page = read_html(file, b"\xef\xbb\xbf" + body.text.encode(errors="replace")).pages[0]
        return blocks_of(page)
    paragraphs = body.text.replace("\r\n", "\n").split("\n\n")
    return [Block(BlockKind.PARAGRAPH, paragraph.strip("\n")) for paragraph in paragraphs]


def _read_attachment(
    attachment: Attachment, depth: int, read_attachment: ReadAttachment
) -> tuple[Sequence[Page], Sequence[str]]:
    if depth >= MAX_DEPTH:
        return (), (f"attachment {attachment.name} not read: it lies too deep",)
    try:
        read = read_attachment(attachment.name, attachment.data, depth + 1)
    except DocumentError as exc:
        return (), (f"attachment not read: {exc}",)
    pages = [replace(page, label=_label(attachment.name, page)) for page in read.pages]
    return pages, [f"attachment {attachment.name}: {note}" for note in read.notes]


def _label(name: str, page: Page) -> str:
    inner = page.label or (f"page {page.number}" if page.number is not None else "")
    return f"attachment {name}, {inner}" if inner else f"attachment {name}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
