"""Where on the probe units are: the channel on which their template is largest."""

from pathlib import Path

import numpy as np

from popcode.io.kilosort import folder
from popcode.io.kilosort.clusters import blocks

MOST_PAIRS = 1 << 25  # of clusters and templates; more are not worth their memory


def positions_of(path: Path, clusters: np.ndarray, ids: np.ndarray) -> np.ndarray | None:
    """Positions of the peak channels of the clusters `ids`, (n_units, 2) in micrometres.

    A cluster has the template that most of its spikes were found by.

    Returns
    -------
    ndarray or None
        x across and y along the probe; None where the folder does not say.
    """
    names = (folder.SPIKE_TEMPLATES, folder.TEMPLATES, folder.CHANNEL_POSITIONS)
    if not all((path / name).is_file() for name in names):
        return None
    of_spikes = folder.one_a_spike(path / folder.SPIKE_TEMPLATES)
    templates = folder.mapped_array(path / folder.TEMPLATES)
    channels = folder.mapped_array(path / folder.CHANNEL_POSITIONS)
    if (
        len(of_spikes) != len(clusters)
        or templates.ndim != 3
        or channels.ndim != 2
        or channels.shape[1] < 2
        or len(ids) * len(templates) > MOST_PAIRS
    ):
        return None
    usual = _usual_templates(of_spikes, clusters, ids, len(templates))
    peaks = _peak_channels(path, templates, usual)
    known = (usual >= 0) & (peaks >= 0) & (peaks < len(channels))
    return np.where(known[:, None], channels[np.where(known, peaks, 0), :2], np.nan)


def _usual_templates(
    of_spikes: np.ndarray, clusters: np.ndarray, ids: np.ndarray, n_templates: int
) -> np.ndarray:
    """The template of most spikes of every cluster, or -1."""
    n_spikes = np.zeros(len(ids) * n_templates, dtype=np.int64)
    for block in blocks(len(clusters)):
        template, cluster = of_spikes[block].astype(np.int64), clusters[block].astype(np.int64)
        there = (cluster >= 0) & (template >= 0) & (template < n_templates)
        unit = np.searchsorted(ids, cluster[there])
        n_spikes += np.bincount(unit * n_templates + template[there], minlength=len(n_spikes))
    by_unit = n_spikes.reshape(len(ids), n_templates)
    return np.where(by_unit.any(axis=1), by_unit.argmax(axis=1), -1)


def _peak_channels(path: Path, templates: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Channel with the largest peak-to-peak of each of the templates `usual`."""
    where = np.array([np.ptp(templates[max(k, 0)], axis=0).argmax() for k in usual])
    for name in folder.TEMPLATE_CHANNELS:
        if (path / name).is_file():
            listed = folder.mapped_array(path / name)
            if listed.shape == (templates.shape[0], templates.shape[2]):
                return listed[np.maximum(usual, 0), where].astype(np.int64)
    return where
