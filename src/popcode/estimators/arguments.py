"""Numbers that a user gives, and numbers that go into a file."""

from numbers import Integral
from typing import Any

import numpy as np

from popcode.errors import InputError


def check_whole(*, least: int = 1, **values: object) -> None:
    """Refuse by name what is no whole number of at least `least`.

    Raises
    ------
    InputError
        Naming the option and its value.
    """
    for name, value in values.items():
        if not isinstance(value, Integral) or isinstance(value, bool) or int(value) < least:
            raise InputError(
                f"{name} is {value!r}", remedy=f"Give a whole number of at least {least}"
            )


def plain_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Numbers of numpy as Python's own, which JSON knows."""
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in settings.items()
    }
