"""Recordings with the regions of their neurons, and parts of recordings by region."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from popcode.errors import InputError
from popcode.preprocess.atlas import names_of_labels
from popcode.recording import Recording
from popcode.recording.provenance import with_step
from popcode.recording.text import plural

MAX_LISTED = 6


def with_regions(recording: Recording, labels: Any, names: Sequence[str] = ()) -> Recording:
    """Give a recording the regions of its neurons, in place of those it has.

    Parameters
    ----------
    recording : Recording
    labels : array-like (n_neurons,) of str or whole numbers, or (n_neurons, n_regions) of bool
        One region a neuron ("" or 0 for none), which becomes the column `region`; or membership
        in regions that may overlap, which becomes `region_labels`.
    names : sequence of str
        Of the numbers 1, 2, ..., or one a column of a matrix of labels.

    Returns
    -------
    Recording
        The provenance holds how many neurons carry a label.

    Raises
    ------
    InputError
        Labels that do not fit the neurons or the names.
    """
    labels = np.asarray(labels)
    if labels.ndim == 1 and len(labels) == recording.n_neurons:
        table = recording.neurons
        table["region"] = _as_text(labels, names)
        changed = replace(recording, neurons=table)
    elif labels.ndim == 2:
        changed = replace(recording, region_labels=labels, region_names=tuple(names))
    else:
        raise InputError(
            f"labels of type {labels.dtype} and shape {labels.shape} "
            f"for {plural(recording.n_neurons, 'neuron')}",
            remedy="Give a name a neuron, or a boolean (n_neurons, n_regions) matrix.",
        )
    n_labelled = int(labelled(changed).sum())
    of_all = f"{n_labelled:,} of {plural(recording.n_neurons, 'neuron')} carry a region label"
    return replace(
        changed,
        provenance=with_step(recording, "regions", neurons_labelled=n_labelled, notes=[of_all]),
    )


def drop_unlabelled(recording: Recording) -> Recording:
    """Keep the neurons that lie in a region, by `region_labels` or the column `region`.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    Recording
        The provenance holds how many were dropped and why.

    Raises
    ------
    InputError
        No regions at all, or no neuron in one.
    """
    return _kept(recording, labelled(recording), "those in a region of the atlas")


def select_regions(recording: Recording, names: str | Sequence[str]) -> Recording:
    """Keep the neurons in any of the named regions, by `region_labels` or the column `region`.

    Parameters
    ----------
    recording : Recording
    names : str or sequence of str
        As the recording has them.

    Returns
    -------
    Recording
        The provenance holds how many were kept and dropped.

    Raises
    ------
    InputError
        A name that the recording does not have (near ones are listed), no regions at all, or no
        neuron in those named.
    """
    wanted = [names] if isinstance(names, str) else [str(name) for name in names]
    _refuse_unknown(wanted, region_names(recording))
    mask = np.zeros(recording.n_neurons, dtype=bool)
    if recording.region_labels is not None:
        columns = [name in wanted for name in recording.region_names]
        mask |= recording.region_labels[:, columns].any(axis=1)
    if "region" in recording.neurons:
        mask |= recording.neurons["region"].isin(wanted).to_numpy()
    return _kept(recording, mask, f"those in {', '.join(wanted)}")


def region_names(recording: Recording) -> list[str]:
    """Names of all regions of a recording, those of the column `region` last, in order."""
    names = list(recording.region_names)
    if "region" in recording.neurons:
        of_column = recording.neurons["region"]
        names += sorted(str(name) for name in of_column.unique() if str(name))
    return list(dict.fromkeys(names))


def labelled(recording: Recording) -> np.ndarray:
    """Whether a neuron lies in any region, bool (n_neurons,)."""
    mask = np.zeros(recording.n_neurons, dtype=bool)
    if recording.region_labels is not None:
        mask |= recording.region_labels.any(axis=1)
    if "region" in recording.neurons:
        mask |= (recording.neurons["region"].astype(str) != "").to_numpy()
    return mask


def _as_text(labels: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Region of every neuron as text, from text or from whole numbers that `names` explains."""
    if labels.dtype.kind not in "uif":
        return labels
    if not (labels == np.rint(labels)).all():
        raise InputError(
            "labels are neither text nor whole numbers", remedy="Give 0 for neurons in no region."
        )
    return names_of_labels(labels.astype(np.int64), names)


def _kept(recording: Recording, mask: np.ndarray, which: str) -> Recording:
    """The neurons of a mask, said in the provenance."""
    if recording.region_labels is None and "region" not in recording.neurons:
        raise InputError(
            "the recording has no regions",
            remedy="Give it some: popcode.preprocess.with_regions(recording, labels).",
        )
    n_kept = int(mask.sum())
    if n_kept == 0:
        raise InputError(
            f"no neuron left: of {plural(recording.n_neurons, 'neuron')} none is of {which}",
            remedy="Choose other regions; popcode info lists them.",
        )
    chosen = recording.select(neurons=mask, why=f"kept {which}")
    *earlier, step = chosen.provenance
    note = f"kept {n_kept:,} of {plural(recording.n_neurons, 'neuron')}: {which}"
    return replace(chosen, provenance=(*earlier, {**step, "notes": [note]}))


def _refuse_unknown(wanted: list[str], known: list[str]) -> None:
    if not wanted:
        raise InputError("no region was named", remedy="Name at least one.")
    unknown = next((name for name in wanted if name not in known), None)
    if unknown is None or not known:
        return
    by_lower = {name.lower(): name for name in reversed(known)}
    near = get_close_matches(unknown.lower(), by_lower, n=MAX_LISTED, cutoff=0.5)
    near += [low for low in by_lower if unknown.lower() in low and low not in near]
    listed = [by_lower[low] for low in near[:MAX_LISTED]] or known[:MAX_LISTED]
    said = "Near it are" if near else f"Of its {len(known)} regions the first are"
    raise InputError(
        f"there is no region {unknown!r}",
        remedy=f"{said}: {'; '.join(listed)}.",
    )
