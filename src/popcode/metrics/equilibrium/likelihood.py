"""How much likelier the model finds the test bins than its rivals do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from popcode.metrics.blocks import map_rows
from popcode.metrics.equilibrium.bins import Bins
from popcode.metrics.equilibrium.models import EquilibriumModel, LogPartition, Rival, Values
from popcode.metrics.paired import paired_difference


def surprise_of(model: EquilibriumModel, x: np.ndarray, log_z: LogPartition) -> Values:
    """-ln P(v) of bins in nats, shape (n_bins,)."""
    return map_rows(model.free_energy, x) + log_z.value


def compare_likelihood(
    surprise: Values, log_z: LogPartition, bins: Bins, rivals: Mapping[str, Rival], seed: int
) -> dict[str, Any]:
    """Paired differences of the log-likelihood of test bins, model less rival.

    Parameters
    ----------
    surprise : ndarray, shape (n_test_bins,)
        Of the test bins under the model.
    log_z : LogPartition
        Of the model.
    bins : Bins
    rivals : mapping of str to Rival
    seed : int
        Of the block bootstrap.

    Returns
    -------
    dict
        Rival -> the fields of `PairedDifference` in nats a bin, ``standard_error_log_partition``
        of both models' ln Z together, ``bits_per_spike`` with ``bits_low`` and ``bits_high``, and
        the mean log-likelihoods ``model`` and ``rival``.
    """
    n_spikes = int(bins.test.sum(dtype=np.int64))
    to_bits = len(bins.test) / np.log(2) / n_spikes if n_spikes else float("nan")
    found = {}
    for name, rival in rivals.items():
        scores = map_rows(rival.score_samples, bins.test)
        difference = paired_difference(-surprise, scores, bins.test_starts, seed)
        error = float(np.hypot(log_z.standard_error, rival.log_likelihood(bins.test[:1])[1]))
        found[name] = difference._asdict() | {
            "standard_error_log_partition": error,
            "bits_per_spike": difference.mean * to_bits,
            "bits_low": difference.low * to_bits,
            "bits_high": difference.high * to_bits,
            "model": -float(surprise.mean()),
            "rival": float(scores.mean()),
        }
    return found
