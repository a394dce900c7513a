"""How well neurons of the test bins are predicted from others in the same bin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from popcode.errors import InputError
from popcode.metrics.completion import (
    CompletionScore,
    sampled_log_odds,
    score_completion,
    training_log_odds,
)
from popcode.metrics.equilibrium.bins import Bins
from popcode.metrics.equilibrium.models import (
    Binary,
    Conditional,
    EquilibriumModel,
    Rival,
    Values,
)

MAX_VALUES = 20_000_000  # bins x neurons that are predicted from all others
MAX_GROUP_BINS, N_GROUPS = 2_000, 4
_SINGLE_STREAM, _GROUP_STREAM = 62, 63
_OF_NEURONS = ("neuron_bits", "neuron_error")


def some_bins(x: Binary, most: int, rng: np.random.Generator) -> Binary:
    """At most so many bins, drawn at random, in their order.

    Every second, third, ... bin could fall into step with trials of one length.
    """
    most = max(most, 1)
    return x if len(x) <= most else x[np.sort(rng.choice(len(x), most, replace=False))]


def compare_completion(
    model: EquilibriumModel, rivals: Mapping[str, Rival], bins: Bins, seed: int
) -> tuple[dict[str, Any], dict[str, Values]]:
    """Every neuron from all others, exactly, by the model and by rivals that can.

    Returns
    -------
    dict
        ``n_bins``, and ``models``: name -> the fields of `CompletionScore` but for single neurons.
    dict of str to ndarray, shape (n_neurons,)
        Bits a spike of each neuron.

    Raises
    ------
    InputError
        Too few test bins for an interval.
    """
    rng = np.random.default_rng((seed, _SINGLE_STREAM))
    test = some_bins(bins.test, MAX_VALUES // bins.n_neurons, rng)
    baseline = training_log_odds(bins.train)
    able: dict[str, Conditional] = {"model": model}
    able |= {name: each for name, each in rivals.items() if isinstance(each, Conditional)}
    scores = {
        name: score_completion(each.conditional_log_odds(test), test, baseline)
        for name, each in able.items()
    }
    told = {"n_bins": len(test), "models": {name: _told(each) for name, each in scores.items()}}
    return told, {name: each.neuron_bits for name, each in scores.items()}


def complete_groups(model: EquilibriumModel, bins: Bins, seed: int) -> dict[str, Any]:
    """Groups of neurons from all neurons outside of them: regions, or random quarters.

    Returns
    -------
    dict
        ``n_bins``, ``kind`` ("region" or "random quarter"), and ``groups``: name -> ``n_neurons``
        and the fields of `CompletionScore` but for single neurons.

    Raises
    ------
    InputError
        Too few test bins for an interval, or fewer than two neurons.
    """
    rng = np.random.default_rng((seed, _GROUP_STREAM))
    test = some_bins(bins.test, MAX_GROUP_BINS, rng)
    groups, kind = held_groups(bins, rng)
    baseline, told = training_log_odds(bins.train), {}
    for name, held in groups.items():
        found = model.complete(test, held, seed=seed)
        odds = sampled_log_odds(found.probability)
        score = score_completion(odds, np.ascontiguousarray(test[:, held]), baseline[held])
        told[name] = {"n_neurons": int(held.size)} | _told(score)
    return {"n_bins": len(test), "kind": kind, "groups": told}


def held_groups(
    bins: Bins, rng: np.random.Generator
) -> tuple[dict[str, npt.NDArray[np.int64]], str]:
    """The groups to hold out, and of what kind they are.

    Raises
    ------
    InputError
        Fewer than two neurons.
    """
    names, member = bins.regions
    regions = {
        name: np.flatnonzero(member[:, k])
        for k, name in enumerate(names)
        if not member[:, k].all()  # something must be left to predict from
    }
    if regions:
        return regions, "region"
    if bins.n_neurons < 2:
        raise InputError("one neuron cannot be predicted from others")
    order = rng.permutation(bins.n_neurons)
    parts = np.array_split(order, min(N_GROUPS, bins.n_neurons))
    return {f"quarter {k + 1}": np.sort(part) for k, part in enumerate(parts)}, "random quarter"


def _told(score: CompletionScore) -> dict[str, Any]:
    return {name: value for name, value in score._asdict().items() if name not in _OF_NEURONS}
