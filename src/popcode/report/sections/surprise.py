"""Whether the recording surprises the model as its own samples do, and when it does more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from popcode.metrics.equilibrium.evidence import SurpriseSeries
from popcode.metrics.equilibrium.unusual import beyond_activity, most_unusual
from popcode.report.blocks import Block, Column, Picture, Section, Table, Text
from popcode.report.contents import RunContents, Source
from popcode.report.figures.canvas import drawn
from popcode.report.figures.surprise import draw_calibration, draw_series
from popcode.report.figures.timeline import timeline_of
from popcode.report.numbers import DASH, decimal, whole, with_interval
from popcode.report.sections.equilibrium import absent_section, part_of

_TITLE = "Surprise"
_INTRODUCTION = (
    "The surprise of a bin is −ln P(v), in nats: how unlikely the model finds which neurons were "
    "active. A good model is surprised by test bins as by its own samples; bins that it "
    "hardly ever makes are where it is wrong, or where the recording is unusual (movement, a "
    "change of state, a fault)."
)
_COLUMNS = (
    Column("", "label"),
    Column("mean (nats)"),
    Column("less that of samples"),
    Column("mean rank among samples (0.5)"),
    Column("above 95 % of samples (0.05)"),
    Column("above 99 % (0.01)"),
)
_CAPTION = (
    "In parentheses: what a perfect model has; in brackets 95 % intervals over stretches of bins "
    "and of samples. Samples: mean {samples} nats. A mean above the samples' or heavy tails: bins "
    "that the model hardly makes. A mean below: the model is broader than the data. Training "
    "bins tell what of this has nothing to do with bins being new."
)
_HOW_CALIBRATION = (
    "Left: distribution of the surprise of bins and of samples of the model. Right: how many bins "
    "are more surprising than a given share of the samples; above the line the recording has "
    "unusual bins more often than the model makes them."
)
_HOW_SERIES = (
    "The whole recording, test stretches in pale grey; gaps between segments are left out. A mean "
    "that wanders is a recording that changes. Of so many bins the largest lies above 1 in 1,000 "
    "by chance now and then; what stands out from its surroundings is unusual. Bins with many "
    "active neurons are rare and so surprising, whichever they are; the table below corrects for "
    "that."
)
_MOMENTS = (
    Column("bin", "label"),
    Column("time"),
    Column("active neurons"),
    Column("surprise (nats)"),
    Column("beyond bins with as many active"),
    Column("part", "text"),
)
_HOW_MOMENTS = (
    "The most unusual bins: most surprising beyond the mean of bins of the same part with as many "
    "active neurons. "
    "These neurons are hardly ever active together otherwise, or some that go with them were "
    "silent. Look there for movements, changes of state and faults of the recording."
)
_N_MOMENTS, _APART = 8, 25
_ESTIMATES = (("excess", 2), ("rank", 3), ("above_95", 3), ("above_99", 4))


def surprise_section(contents: RunContents) -> Section:
    """Calibration, the series over time, and the most surprising bins."""
    evidence, found = contents.equilibrium, part_of(contents, "surprise")
    if evidence is None or evidence.surprise is None or found is None:
        return absent_section(contents, "surprise", _TITLE, "surprise")
    series = evidence.surprise
    image = drawn(
        "surprise-calibration",
        "Distribution of the surprise of bins and of samples",
        lambda: draw_calibration(series),
    )
    blocks: list[Block] = [
        Text(_INTRODUCTION),
        _table(found),
        Picture("Bins among samples", image, _HOW_CALIBRATION),
    ]
    if contents.source is None:
        blocks.append(Text(contents.missing["source"], "absent"))
    else:
        blocks += _over_time(series, contents.source)
    return Section("surprise", _TITLE, tuple(blocks))


def _table(found: dict[str, Any]) -> Block:
    rows = tuple(
        (
            label,
            decimal(found[name]["mean"], 2),
            *(_estimate(found[name][key], digits) for key, digits in _ESTIMATES),
        )
        for name, label in (("test", "test bins"), ("train", "training bins"))
    )
    return Table(_COLUMNS, rows, _CAPTION.format(samples=decimal(found["test"]["mean_samples"], 2)))


def _estimate(found: dict[str, Any], digits: int) -> str:
    return with_interval(found["value"], found["low"], found["high"], digits)


def _over_time(series: SurpriseSeries, source: Source) -> list[Block]:
    sizes = len(series.train), len(series.test)
    if sizes != (len(source.train_bins), len(source.test_bins)):
        return [
            Text("Not shown over time: the evaluation was of other bins than the run's.", "absent")
        ]
    n_bins = source.recording.n_bins
    surprise = np.full(n_bins, np.nan)
    surprise[source.train_bins], surprise[source.test_bins] = series.train, series.test
    is_test = np.zeros(n_bins, bool)
    is_test[source.test_bins] = True
    image = drawn(
        "surprise-series",
        "Surprise of the bins of the recording over time",
        lambda: draw_series(surprise, is_test, series, timeline_of(source.recording)),
    )
    return [
        Picture("Over time", image, _HOW_SERIES),
        _moments(surprise, is_test, source),
    ]


def _moments(surprise: NDArray[np.float64], is_test: NDArray[np.bool_], source: Source) -> Block:
    recording = source.recording
    active = recording.activity.sum(axis=1, dtype=np.int64)
    found = most_unusual(_beyond(surprise, active, source), _N_MOMENTS, _APART)
    rows = tuple(
        (
            f"{at:,}",
            DASH if np.isnan(recording.bin_s) else f"{at * recording.bin_s:,.2f} s",
            whole(active[at]),
            decimal(surprise[at], 1),
            decimal(beyond, 1),
            "test" if is_test[at] else "training",
        )
        for at, beyond in zip(found.bins, found.beyond, strict=True)
    )
    return Table(_MOMENTS, rows, _HOW_MOMENTS)


def _beyond(
    surprise: NDArray[np.float64], active: NDArray[np.int64], source: Source
) -> NDArray[np.float64]:
    """Each part beside itself: test bins surprise more for being new."""
    beyond = np.full(surprise.shape, np.nan)
    for bins in (source.train_bins, source.test_bins):
        if len(bins):
            beyond[bins] = beyond_activity(surprise[bins], active[bins])
    return beyond
