"""From an input file to binary activity and the bins of each part, said aloud."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from popcode.cli.console import tell
from popcode.cli.options import RunOptions
from popcode.cli.reading import Reading, about, as_typed, recording_at
from popcode.cli.steps import read_steps, say
from popcode.errors import InputError
from popcode.recording.text import plural

if TYPE_CHECKING:
    from popcode.recording import Recording

FEWEST_BINS = 100  # a tenth of what the checks warn below


class Prepared(NamedTuple):
    """Binary activity and which of its bins are for training and for testing.

    With nothing held out `test_bins` is empty.
    """

    recording: Recording
    train_bins: np.ndarray
    test_bins: np.ndarray

    @property
    def train(self) -> Recording:
        """The training bins."""
        return self.recording.select(bins=self.train_bins)

    @property
    def test(self) -> Recording | None:
        """The test bins; None where nothing was held out."""
        return self.recording.select(bins=self.test_bins) if self.test_bins.size else None


def prepare(path: str, options: RunOptions) -> Prepared:
    """Load, binarise and split: the same for a run and for all that resumes or judges it.

    Raises
    ------
    InputError
        The input cannot be read, holds real values, is silent or too short to be split.
    """
    from popcode.preprocess.split import split_indices

    recording = binary(read(path, options.reading), options.binarize, path)
    _refuse_too_few_bins(recording, path)
    bins = np.arange(recording.n_bins)
    if options.holdout == 0:
        return Prepared(recording, bins, bins[:0])
    if recording.n_neurons * recording.n_bins > 10**8:
        tell(f"splitting {recording.n_bins:,} bins ({options.split})")
    try:
        parts = split_indices(recording, options.holdout, method=options.split, seed=options.seed)
    except InputError as error:
        remedy = re.sub(r"(?:method=)?'(\w+)'", r"--split \1", error.remedy)
        raise InputError(error.what, where=path, remedy=remedy) from None
    return Prepared(recording, *parts)


def _refuse_too_few_bins(recording: Recording, path: str) -> None:
    if recording.n_bins < FEWEST_BINS:
        raise InputError(
            f"{plural(recording.n_bins, 'bin')} of {plural(recording.n_neurons, 'neuron')} are too "
            f"few to fit a model to; {FEWEST_BINS} is the least",
            where=path,
            remedy="Rows must be bins and columns neurons: transpose the array if they are not; "
            "else record for longer or use shorter bins",
        )


def read(path: str, reading: Reading) -> Recording:
    """Load a recording, say what its reader did, and refuse one in which nothing happens."""
    recording = recording_at(path, reading)
    say(read_steps(recording))
    if reading.min_rate_hz > 0:
        # Sources of spike times did so already; others have no rate of their own to go by.
        from popcode.preprocess import drop_below_rate

        with about(path):
            fast = drop_below_rate(recording, reading.min_rate_hz)
        say(fast.provenance[len(recording.provenance) :])
        recording = fast
    if not recording.activity.any():
        raise InputError(
            "no neuron is ever active",
            where=path,
            remedy="Check the source: there is nothing to model",
        )
    return recording


def content_hash(recording: Recording) -> str:
    """Hash of the file that a recording was last loaded from."""
    return next(s["sha256"] for s in reversed(recording.provenance) if s["step"] == "load")


def binary(recording: Recording, binarize: bool, path: str) -> Recording:
    """Zeros and ones; says what was done to counts and, with --binarize, to real values.

    Raises
    ------
    InputError
        Real values without --binarize.
    """
    if recording.kind == "binary":
        return recording
    if recording.kind == "counts":
        made = recording.binarized()
        above_one = made.provenance[-1]["counts_above_1"]
        tell(
            "note: counts were made binary: a neuron is active in a bin with at least one spike "
            f"(v >= 1; {above_one:,} entries were above 1)"
        )
        return made
    if not binarize:
        raise InputError(
            f"the activity holds real values ({recording.kind}), and the model needs 0 and 1",
            where=path,
            remedy="Add --binarize (popcode convert makes a file of it to look at)",
        )
    from popcode.preprocess.traces import binarize_traces

    made = binarize_traces(recording)
    share = 100 * float(np.count_nonzero(made.activity)) / made.activity.size
    tell(
        f"note: real values ({recording.kind}) were made binary: active is "
        f"{made.provenance[-1]['rule']}; {share:.3g} % of all entries are active"
    )
    return made


def say_warnings(prepared: Prepared) -> None:
    """Tell what the checks find that may mislead; silent neurons are told apart."""
    from popcode.recording.checks import run_checks

    for found in run_checks(prepared.recording):
        if found.severity != "note" and found.check != "silent_neurons":
            tell(f"{found.severity}: {as_typed(str(found))}")


def say_silent_neurons(prepared: Prepared, rates: np.ndarray) -> None:
    """Name the neurons that are never active in the training bins, and what becomes of them."""
    from popcode.recording.checks.registry import name_neurons

    silent = np.flatnonzero(rates == 0)
    if silent.size:
        tell(
            f"note: never active in the training bins, {silent.size:,} of {rates.size:,}: "
            f"{name_neurons(prepared.recording, silent)}. Kept, with a finite field and no "
            "weights; nothing is learnt of them"
        )
