"""Zip archives are looked over before anything in them is unpacked."""

import io
import zipfile
from typing import BinaryIO

from knowledge.errors import UnreadableDocument

_UNPACKED = 200_000_000
_RATIO = 200
_SMALL = 100_000
"""Bytes of a member below which its ratio says nothing: an empty style sheet packs very well."""

_MEMBERS = 5_000
_ENCRYPTED = 0x1


def check_archive(
    data: bytes | BinaryIO, members: int = _MEMBERS, unpacked: int = _UNPACKED
) -> None:
    """Raise UnreadableDocument for an archive that is broken, encrypted, or unpacks to too much.

    The sizes are those that the archive states; members that overlap would state more than the
    file can hold, and are refused by their starts.
    """
    try:
        file = io.BytesIO(data) if isinstance(data, bytes) else data
        with zipfile.ZipFile(file) as archive:
            held = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableDocument("it is not the archive that its name says") from error
    if len(held) > members:
        raise UnreadableDocument(f"it holds {len(held):,} files, more than {members:,}")
    if sum(member.file_size for member in held) > unpacked:
        raise UnreadableDocument(f"it unpacks to more than {unpacked // 1_000_000} MB")
    end = 0
    for member in sorted(held, key=lambda one: one.header_offset):
        if member.flag_bits & _ENCRYPTED:
            raise UnreadableDocument("it is encrypted: remove the password")
        if member.file_size > max(_SMALL, _RATIO * member.compress_size):
            raise UnreadableDocument(f"it unpacks to more than {_RATIO} times its size")
        if member.header_offset < end:
            raise UnreadableDocument("its files overlap, as in a zip bomb")
        end = member.header_offset + member.compress_size
