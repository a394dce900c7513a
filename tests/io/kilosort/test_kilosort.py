"""Kilosort and Phy folders: exactly what was written comes back."""

import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.recording.spike_times import LabelledSpikes, count_spikes

RATE_HZ = 30_000.0
IDS = [0, 2, 5, 40]


def refused(path, **arguments):
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def notes(recording):
    return recording.provenance[0]["notes"]


def test_spikes_come_back_exactly(folder):
    recording = popcode.load(folder.path)
    units = np.searchsorted(IDS, folder.clusters)
    expected = count_spikes(LabelledSpikes(folder.samples / RATE_HZ, units, 4), 0.02)
    np.testing.assert_array_equal(recording.activity, expected.counts)
    assert recording.activity.sum() == len(folder.samples)
    assert recording.neurons["id"].tolist() == IDS
    assert recording.kind == "counts"
    assert recording.segment_start_s.tolist() == [folder.samples[0] / RATE_HZ]
    assert recording.provenance[-1]["format"] == "kilosort"
    assert recording.provenance[-1]["path"] == str(folder.path)


def test_without_curation_the_templates_are_the_units(folder):
    (folder.path / "spike_clusters.npy").unlink()
    recording = popcode.load(folder.path)
    assert recording.neurons["id"].tolist() == sorted(set(folder.templates.tolist()))
    n_spikes = np.bincount(folder.templates)
    assert recording.activity.sum(axis=0).tolist() == n_spikes[n_spikes > 0].tolist()


def test_the_label_given_by_hand_wins(folder):
    folder.label()
    folder.label("cluster_KSLabel.tsv", "KSLabel", {0: "mua", 2: "good", 5: "mua", 40: "mua"})
    recording = popcode.load(folder.path)
    assert recording.neurons["quality"].tolist() == ["good", "mua", "mua", "good"]
    assert recording.neurons["KSLabel"].tolist() == ["mua", "good", "mua", "mua"]
    assert "1 cluster without spikes left out" in notes(recording)
    assert "units: 2 good, 2 mua" in notes(recording)
    good = popcode.load(folder.path, quality="good")
    assert good.neurons["id"].tolist() == [0, 40]
    np.testing.assert_array_equal(good.activity, recording.activity[:, [0, 3]])


def test_tables_with_commas_and_a_summary(folder):
    folder.write(
        "cluster_info.tsv",
        "cluster_id\tid\tAmplitude\tKSLabel\td/p\tdepth\tquality\tgroup\tn_spikes\n"
        "0\t0\t20.5\tgood\t1\t100.0\t3\tunsorted\t9\n2\t2\t11\tmua\t0\t20.0\t4\t\t9\n",
    )
    folder.label("cluster_group.csv", "group", {0: "noise"}, separator=",")
    table = popcode.load(folder.path).neurons
    assert table["quality"].tolist() == ["noise", "mua", "", ""]
    np.testing.assert_array_equal(table["y_um"], [100.0, 20.0, np.nan, np.nan])
    np.testing.assert_array_equal(table["Amplitude"], [20.5, 11.0, np.nan, np.nan])
    np.testing.assert_array_equal(table["d_p"], [1.0, 0.0, np.nan, np.nan])
    assert "n_spikes" not in table, "of before the last curation"


def test_units_are_where_their_template_is_largest(folder):
    peaks = folder.probe()
    table = popcode.load(folder.path).neurons
    merged = 1 if np.sum(folder.templates == 1) >= np.sum(folder.templates == 3) else 3
    expected = folder.positions[peaks[[0, 2, 5, merged]]]
    np.testing.assert_array_equal(table[["x_um", "y_um"]], expected)


def test_sparse_templates_name_their_channels(folder):
    peaks = folder.probe()
    order = np.array([2, 0, 3, 1])
    templates = np.load(folder.path / "templates.npy")
    np.save(folder.path / "templates.npy", templates[:, :, order])
    np.save(folder.path / "templates_ind.npy", np.tile(order.astype(float), (6, 1)))
    table = popcode.load(folder.path).neurons
    np.testing.assert_array_equal(table[["x_um", "y_um"]][:3], folder.positions[peaks[[0, 2, 5]]])


def test_the_sampling_rate(folder):
    halved = popcode.load(folder.path, sampling_rate_hz=15_000)
    assert halved.duration_s == pytest.approx(100, abs=0.1)  # of 50 s; the last bins may be empty
    assert notes(halved) == [
        "15000 samples a second as asked, where params.py says 30000.0",
        "no cluster is labelled good or mua",
    ]
    (folder.path / "params.py").unlink()
    assert "the sampling rate is not known" in refused(folder.path)
    assert "sampling_rate_hz=30000" in refused(folder.path)
    assert popcode.load(folder.path, sampling_rate_hz=RATE_HZ).n_neurons == 4


@pytest.mark.parametrize("stated", ["30000", "30000.", "3e4", "  30_000.0  # Hz"])
def test_the_sampling_rate_is_read_as_text(folder, stated):
    folder.write("params.py", f"import os\nos._exit(3)\nsample_rate = {stated}\n")
    assert popcode.load(folder.path).duration_s == pytest.approx(50, abs=0.1)


def test_the_last_sampling_rate_counts(folder):
    folder.write("params.py", "sample_rate = 1.\nsample_rate = 30000.\n# sample_rate = 2.\n")
    assert popcode.load(folder.path).duration_s == pytest.approx(50, abs=0.1)


@pytest.mark.parametrize(
    "stated",
    [
        *("", "sample_rate = fs", "sample_rate = 0", "sample_rate = 1e"),
        *("sample_rate = 30000/2", "sample_rate = 30000 * 2", "sample_rate = 3.\nsample_rate /= 2"),
        *("sample_rate = nan", "sample_rate = 30000\nsample_rate = fs", "sample_rate_2 = 30000"),
    ],
)
def test_a_rate_that_is_none_is_asked_for(folder, stated):
    folder.write("params.py", stated)
    assert "the sampling rate is not known" in refused(folder.path)


def test_the_hash_is_of_all_that_was_read(folder):
    def content():
        return popcode.load(folder.path).provenance[-1]["sha256"]

    before = content()
    folder.write("notes.txt", "of no concern")
    assert content() == before
    folder.label()
    assert content() != before


def test_spikes_of_negative_clusters_belong_to_none(folder):
    clusters = folder.clusters.copy()
    clusters[clusters == 0] = -1
    np.save(folder.path / "spike_clusters.npy", clusters)
    recording = popcode.load(folder.path)
    assert recording.neurons["id"].tolist() == IDS[1:]
    n_none = np.count_nonzero(clusters < 0)
    assert f"{n_none:,} spikes of negative clusters not counted" in notes(recording)
    assert recording.activity.sum() == len(clusters) - n_none


def test_damaged_folders_are_refused(folder):
    path = folder.path

    def replaced(name, array):
        kept = (path / name).read_bytes()
        np.save(path / name, array)
        message = refused(path)
        (path / name).write_bytes(kept)
        return message

    short = replaced("spike_clusters.npy", folder.clusters[:-1])
    assert "spike_times.npy holds 4,000 spikes and spike_clusters.npy 3,999" in short
    assert "a cluster has the id 2,000,000,000" in replaced(
        "spike_clusters.npy", np.full(4000, 2_000_000_000)
    )
    assert "no spike belongs to a cluster" in replaced("spike_clusters.npy", np.full(4000, -1))
    assert "holds fractions" in replaced("spike_times.npy", folder.samples / RATE_HZ)
    assert "shape (2, 4000)" in replaced("spike_times.npy", np.ones((2, 4000), int))
    assert "holds no array of numbers" in replaced("spike_times.npy", np.array(["a"] * 4000))
    assert "spike_times.npy cannot be read" in replaced("spike_times.npy", np.array([{}]))
    times = (path / "spike_times.npy").read_bytes()
    (path / "spike_times.npy").write_bytes(times[:-9])
    assert "spike_times.npy cannot be read" in refused(path)
    np.save(path / "spike_times.npy", np.empty(0, int))
    np.save(path / "spike_clusters.npy", np.empty(0, int))
    assert "there is not one spike" in refused(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unit\tgroup\n0\tgood\n", "cluster_group.tsv has no column cluster_id or id"),
        ("cluster_id\tgroup\n0\tgood\n0\tmua\n", "line 3: cluster_group.tsv lists cluster 0"),
        ("cluster_id\tgroup\n0\tgood\nx\tmua\n", "line 3: cluster_group.tsv lists cluster x"),
    ],
)
def test_damaged_tables_are_refused(folder, text, message):
    folder.write("cluster_group.tsv", text)
    assert message in refused(folder.path)


def test_changed_bytes_give_a_recording_or_one_error(folder):
    folder.label()
    folder.probe()
    rng = np.random.default_rng(0)
    for file in sorted(folder.path.iterdir()):
        content = np.frombuffer(file.read_bytes(), dtype=np.uint8)
        head = min(len(content), 200)  # of arrays the header, mostly
        for n in range(25):
            damaged = content.copy()
            where = rng.integers(0, head if n % 2 else len(content), 3)
            damaged[where] ^= rng.integers(1, 256, 3).astype(np.uint8)
            file.write_bytes(damaged.tobytes())
            try:
                assert isinstance(popcode.load(folder.path), popcode.Recording)
            except InputError as error:
                assert error.where.startswith(str(folder.path))
                assert error.remedy
        file.write_bytes(content.tobytes())


def test_missing_labels_are_said(folder):
    assert "quality 'good' needs the unit column quality" in refused(folder.path, quality="good")


def test_spikeinterface_reads_the_same_units(folder):
    extractors = pytest.importorskip("spikeinterface.extractors")
    folder.label(labels={0: "good", 2: "mua", 5: "noise", 40: "good"})
    sorting = extractors.read_phy(folder.path)
    here, there = popcode.load(folder.path), popcode.load(sorting)
    assert there.neurons["id"].tolist() == here.neurons["id"].tolist()
    assert there.neurons["quality"].tolist() == here.neurons["quality"].tolist()
    np.testing.assert_array_equal(there.activity, here.activity)
