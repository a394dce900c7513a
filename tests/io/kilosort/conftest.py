"""A small sorting as a folder of Kilosort, after a round of curation in Phy."""

import numpy as np
import pytest

RATE_HZ = 30_000.0
IDS = np.array([0, 2, 5, 40])  # 40 came of a merge in Phy
LABELS = {0: "good", 1: "mua", 2: "mua", 5: "", 40: "good"}  # 1 has no spikes


class Folder:
    """The arrays that were written, and where."""

    def __init__(self, path, seed=0, n_spikes=4000, span_s=50.0):
        rng = np.random.default_rng(seed)
        self.path = path
        self.samples = np.sort(rng.integers(0, int(span_s * RATE_HZ), n_spikes))
        self.clusters = rng.choice(IDS, n_spikes)
        self.templates = np.where(self.clusters == 40, rng.choice([1, 3], n_spikes), self.clusters)
        np.save(path / "spike_times.npy", self.samples[:, None].astype(np.uint64))
        np.save(path / "spike_clusters.npy", self.clusters.astype(np.int32))
        np.save(path / "spike_templates.npy", self.templates[:, None].astype(np.uint32))
        self.write(
            "params.py",
            "dat_path = '../raw.bin'\nn_channels_dat = 4\ndtype = 'int16'\noffset = 0\n"
            f"sample_rate = {RATE_HZ}\nhp_filtered = False\n",
        )

    def write(self, name, text):
        (self.path / name).write_text(text, encoding="utf-8")

    def label(self, name="cluster_group.tsv", column="group", labels=LABELS, separator="\t"):
        rows = [separator.join(("cluster_id", column))]
        rows += [separator.join((str(unit), label)) for unit, label in labels.items()]
        self.write(name, "\n".join(rows) + "\n")

    def probe(self, n_templates=6, n_channels=4, seed=1):
        """Templates and channels; gives the channel each template is largest on."""
        rng = np.random.default_rng(seed)
        peaks = rng.integers(0, n_channels, n_templates)
        templates = 0.1 * rng.normal(size=(n_templates, 30, n_channels))
        templates[np.arange(n_templates), 15, peaks] -= 5.0
        np.save(self.path / "templates.npy", templates.astype(np.float32))
        np.save(self.path / "channel_positions.npy", self.positions)
        return peaks

    positions = np.array([[11.0, 20.0], [43.0, 20.0], [11.0, 40.0], [43.0, 40.0]])


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)
