"""A dataclass field that hands out what it holds without letting it be edited."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Held(Generic[Value]):
    """Descriptor of one field of a frozen dataclass.

    The constructor takes whatever `__post_init__` brings to one form; reading gives `Value`,
    through `copy` where the value could be edited in place. A dataclass asks its class for the
    default of a field: None.
    """

    def __init__(self, copy: Callable[[Any], Value] | None = None) -> None:
        self.copy = copy

    def __set_name__(self, owner: type, name: str) -> None:
        self.slot = f"_{name}"

    def __get__(self, holder: Any, owner: type | None = None) -> Value:
        value: Any = None if holder is None else holder.__dict__[self.slot]
        return value if holder is None or self.copy is None else self.copy(value)

    def __set__(self, holder: Any, value: Any) -> None:
        holder.__dict__[self.slot] = value
