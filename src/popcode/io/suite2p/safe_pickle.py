"""Pickled arrays of plain values, read without running anything that they name.

An interpreter of its own goes through the operations of the pickle. It calls nothing from the
file: what numpy's arrays, types and scalars are made with is recognised by name and rebuilt
here from checked parts; any other name is refused. Arrays are views of the bytes in the file,
so that no small file becomes a large one in memory.
"""

from __future__ import annotations

import io
import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from popcode.errors import InputError
from popcode.io.headers import any_header
from popcode.io.reading import refuse_beyond_memory
from popcode.io.suite2p.pickled_values import MAKERS, StoredArray, StoredType

REMEDY = "Do not read this file with allow_pickle; it is not what numpy.save writes of plain data."
_MARK = object()
_PLAIN_KEYS = (str, bytes, int, float, bool, type(None))
# Operations whose argument is the value.
_LITERALS = frozenset(
    [
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    ]
)


def read_objects(path: Path) -> list[Any]:
    """Elements of an array of objects in a .npy, in C order.

    Returns
    -------
    list
        Of dict, list, tuple, str, bytes, numbers, None and `StoredArray`, nested as they were.

    Raises
    ------
    InputError
        Names anything but plain values and numpy arrays of them; `where` is the file's name.
    """
    refuse_beyond_memory(path.stat().st_size)
    with path.open("rb") as file:
        header = any_header(file)
        if not header.dtype.hasobject:
            raise InputError(
                f"it holds {header.dtype}, not objects",
                where=path.name,
                remedy="Copy or export it again.",
            )
        pickled = file.read()
    try:
        value = loads(pickled)
    except InputError as error:
        raise InputError(error.what, where=path.name, remedy=error.remedy) from None
    return value.objects() if isinstance(value, StoredArray) else [value]


def loads(pickled: bytes) -> Any:
    """The plain value that `pickled` describes. See `read_objects`."""
    machine = _Machine()
    for operation, argument, _ in pickletools.genops(io.BytesIO(pickled)):
        if operation.name in _LITERALS:
            machine.stack.append(argument)
        else:
            _step(operation.name)(machine, argument)
    return machine.stack[-1]


class _Machine:
    """Stack and memo of the pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def since_mark(self) -> list[Any]:
        """Take what lies above the last mark off the stack, and the mark."""
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise InputError("its pickle lacks a mark", remedy=REMEDY)
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items


def _step(name: str) -> Callable[[_Machine, Any], Any]:
    step = _STEPS.get(name)
    if step is None:
        raise InputError(f"its pickle holds the operation {name}", remedy=REMEDY)
    return step


def _find(machine: _Machine, module: Any, name: Any) -> None:
    if not isinstance(module, str) or not isinstance(name, str):  # hashing may take for ever
        raise InputError("its pickle names something by more than text", remedy=REMEDY)
    maker = MAKERS.get((module, name))
    if maker is None:
        raise InputError(
            f"its pickle names {module[:80]}.{name[:80]}, which is not read", remedy=REMEDY
        )
    machine.stack.append(maker)


def _global(machine: _Machine, argument: str) -> None:
    _find(machine, *argument.split(" ", 1))


def _stack_global(machine: _Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    _find(machine, module, name)


def _reduce(machine: _Machine, _: Any) -> None:
    arguments, maker = machine.stack.pop(), machine.stack.pop()
    if not any(maker is known for known in MAKERS.values()) or not isinstance(arguments, tuple):
        raise InputError("its pickle calls what is no known maker", remedy=REMEDY)
    machine.stack.append(maker(*arguments))


def _build(machine: _Machine, _: Any) -> None:
    state = machine.stack.pop()
    if not isinstance(machine.stack[-1], StoredArray | StoredType):
        raise InputError("its pickle sets the state of what has none", remedy=REMEDY)
    machine.stack[-1].set_state(state)


def _set_items(mapping: Any, items: list[Any]) -> None:
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, _PLAIN_KEYS):  # hashing nested tuples may take for ever
            raise InputError(f"its pickle has a key of type {type(key).__name__}", remedy=REMEDY)
        _as(dict, mapping)[key] = value


def _as(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise InputError(f"its pickle fills a {type(value).__name__}", remedy=REMEDY)
    return value


def _extend(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    _as(list, machine.stack[-1]).extend(items)


def _append(machine: _Machine, _: Any) -> None:
    item = machine.stack.pop()
    _as(list, machine.stack[-1]).append(item)


def _set_many(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    _set_items(machine.stack[-1], items)


def _set_one(machine: _Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _set_items(machine.stack[-1], [key, value])


def _dict(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    machine.stack.append({})
    _set_items(machine.stack[-1], items)


def _push(make: Callable[[], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(make())


def _tuple_of(n: int) -> Callable[[_Machine, Any], None]:
    def step(machine: _Machine, _: Any) -> None:
        machine.stack[-n:] = [tuple(machine.stack[-n:])]

    return step


def _put(machine: _Machine, argument: Any) -> None:
    machine.memo[int(argument)] = machine.stack[-1]


_STEPS: dict[str, Callable[[_Machine, Any], Any]] = {
    "PROTO": lambda machine, _: None,
    "FRAME": lambda machine, _: None,
    "STOP": lambda machine, _: None,
    "MARK": _push(lambda: _MARK),
    "NONE": _push(lambda: None),
    "NEWTRUE": _push(lambda: True),
    "NEWFALSE": _push(lambda: False),
    "EMPTY_LIST": _push(list),
    "EMPTY_DICT": _push(dict),
    "EMPTY_TUPLE": _push(tuple),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.since_mark())),
    "LIST": lambda machine, _: machine.stack.append(machine.since_mark()),
    "DICT": _dict,
    "APPEND": _append,
    "APPENDS": _extend,
    "SETITEM": _set_one,
    "SETITEMS": _set_many,
    "POP": lambda machine, _: machine.stack.pop(),
    "POP_MARK": lambda machine, _: machine.since_mark(),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "MEMOIZE": lambda machine, _: machine.memo.update({len(machine.memo): machine.stack[-1]}),
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "GET": lambda machine, index: machine.stack.append(machine.memo[int(index)]),
    "BINGET": lambda machine, index: machine.stack.append(machine.memo[int(index)]),
    "LONG_BINGET": lambda machine, index: machine.stack.append(machine.memo[int(index)]),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "BUILD": _build,
}
