"""The files of a folder: those of a type that can be read, and those that are left out, with why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.documents.formats import SUPPORTED_SUFFIXES, suffix_of, way_out


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, or a folder of hidden ones, that is not taken.

    Attributes:
        path: Below the folder that was given.
    """

    path: str
    why: str


def supported_below(folder: Path) -> list[Path]:
    """Every file of a supported type, sorted, hidden ones left out."""
    return sorted(
        file
        for file in folder.rglob("*")
        if suffix_of(file.name) in SUPPORTED_SUFFIXES and file.is_file() and not _hidden_part(folder, file)
    )


def left_out_below(folder: Path) -> list[LeftOut]:
    """What `supported_below` does not take, sorted; of a hidden folder only its name."""
    found: dict[str, str] = {}
    for file in folder.rglob("*"):
        if hidden := _hidden_part(folder, file):
            found[hidden] = "hidden"
        elif not file.is_file():
            if file.is_symlink():
                found[_below(folder, file)] = "a link to nothing"
        elif suffix_of(file.name) not in SUPPORTED_SUFFIXES:
            found[_below(folder, file)] = _why(file)
    return [LeftOut(path, why) for path, why in sorted(found.items())]


def left_out_of(paths: Iterable[str | Path]) -> list[LeftOut]:
    """The same for each of the paths that is a folder."""
    folders = [Path(path) for path in paths if not str(path).startswith(("http://", "https://"))]
    return [each for folder in folders if folder.is_dir() for each in left_out_below(folder)]


def _why(file: Path) -> str:
    suffix = suffix_of(file.name)
    if suffix == "zip":
        return "an archive inside of a folder: give it by itself"
    if advice := way_out(file.name, suffix):
        return advice.removeprefix(f"{file.name} is ")
    return f"a .{suffix} file, which can't be read" if suffix else "no file type in its name"


def _below(folder: Path, file: Path) -> str:
    return file.relative_to(folder).as_posix()


def _hidden_part(folder: Path, file: Path) -> str:
    """The path down to its first hidden part; empty where it has none."""
    parts = file.relative_to(folder).parts
    at = next((at for at, part in enumerate(parts) if part.startswith(".")), None)
    return "" if at is None else "/".join(parts[: at + 1])
