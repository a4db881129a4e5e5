"""Word, PowerPoint and Excel files that are protected by a password."""

from __future__ import annotations

from io import BytesIO

from core.errors import CorruptFileError, EncryptedFileError

# What Office puts an encrypted file into; its formats before 2007 begin alike.
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Excel protects workbooks with this where only changes are forbidden, and opens them without asking.
_OF_EXCEL = "VelvetSweatshop"
_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def is_protected_office(data: bytes) -> bool:
    """Whether it is a Word, PowerPoint or Excel file of 2007 or later that wants a password."""
    return data.startswith(OLE_MAGIC) and _PACKAGE in data


def is_protected_xls(data: bytes) -> bool:
    """Whether an Excel workbook of the old kind wants a password."""
    if not data.startswith(OLE_MAGIC):
        return False
    from msoffcrypto import OfficeFile

    try:
        return bool(OfficeFile(BytesIO(data)).is_encrypted())
    except MemoryError:
        raise
    # Broad on purpose, as below; what is damaged is said by the reader.
    except Exception:
        return False


def unprotected(file: str, data: bytes, password: str) -> bytes:
    """The file as it would be without its password.

    Args:
        file: Its name, for messages.
        data: For which `is_protected_office` or `is_protected_xls` holds.
        password: What somebody says it is; "" tries the one that Excel opens without asking.

    Raises:
        EncryptedFileError: Where the password is missing or wrong.
        CorruptFileError: When a password was given, and the protection can't be undone for another reason.
    """
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import InvalidKeyError

    plain = BytesIO()
    try:
        office = OfficeFile(BytesIO(data))
        if is_protected_office(data):
            office.load_key(password=password or _OF_EXCEL, verify_password=True)
        else:
            # Files of before 2007 are always checked for the right one.
            office.load_key(password=password or _OF_EXCEL)
        office.decrypt(plain)
    except MemoryError:
        raise
    # Broad on purpose: a damaged container surfaces as whatever the library's code trips over.
    except Exception as exc:
        if not password:
            raise EncryptedFileError(
                f"{file} is protected by a password. Give the password, or save a copy without one."
            ) from exc
        if isinstance(exc, InvalidKeyError):
            raise EncryptedFileError(f"The password does not open {file}. Check it and try again.") from exc
        raise CorruptFileError(
            f"{file} is damaged: its protection can't be undone. Save it again without a password."
        ) from exc
    return plain.getvalue()
