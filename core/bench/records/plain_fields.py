"""Reading the plain fields of an entry of a record by what its class declares: names, types and defaults."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from core.errors import RecordError

_REQUIRED = object()
_PLAIN = (str, int, float, bool, dict)


def get(values: Mapping[str, Any], name: str, kind: Any, where: str, default: Any = _REQUIRED) -> Any:
    """values[name], of the right type.

    Raises:
        RecordError: Naming what is missing or wrong.
    """
    value = values.get(name, default)
    if value is _REQUIRED:
        raise RecordError(f"The record's {where} has no {name!r}; it may be cut or made by something else.")
    kinds = kind if isinstance(kind, tuple) else (kind,)
    # bool is an int to isinstance, but true is no count.
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise RecordError(f"The record's {where}.{name} is {str(value)[:40]!r}, which is of the wrong type.")
    return value


def plain_fields(cls: type, values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The fields of dataclass `cls` that are texts, numbers, truths or objects, each or None.

    One that the record lacks gets its default, so that old records stay readable.

    Raises:
        RecordError: When one is missing that has no default, or is of the wrong type.
    """
    return {name: get(values, name, kinds, where, default=default) for name, kinds, default in _declared(cls)}


@cache
def number_fields(cls: type) -> tuple[str, ...]:
    """The names of the fields of dataclass `cls` that are numbers, or numbers or None."""
    return tuple(name for name, kinds, _ in _declared(cls) if {int, float} & set(kinds))


@cache
def _declared(cls: type) -> list[tuple[str, tuple[type, ...], Any]]:
    hints = get_type_hints(cls)
    found = [(each.name, _kinds(hints[each.name]), _default(each)) for each in fields(cls)]
    return [(name, kinds, default) for name, kinds, default in found if kinds]


def _kinds(hint: Any) -> tuple[type, ...]:
    """What a value may be; () for what is no plain field."""
    if get_origin(hint) in {Union, types.UnionType}:
        parts = [_kinds(part) for part in get_args(hint)]
        return tuple(kind for part in parts for kind in part) if all(parts) else ()
    kind = get_origin(hint) or hint
    if kind is float:
        return (int, float)
    return (kind,) if kind in (*_PLAIN, type(None)) else ()


def _default(declared: Field[Any]) -> Any:
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return _REQUIRED if declared.default is MISSING else declared.default
