"""Numbers in words."""

import pytest

from popcode.recording.text import duration, plural


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.002, "2 ms"),
        (0.25, "250 ms"),
        (1.5, "1.5 s"),
        (59.999, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.9, "1 h 0 min"),
        (7265, "2 h 1 min"),
        (float("nan"), "unknown"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_plurals():
    assert [plural(1, "bin"), plural(0, "bin"), plural(2000, "bin")] == [
        "1 bin",
        "0 bins",
        "2,000 bins",
    ]
