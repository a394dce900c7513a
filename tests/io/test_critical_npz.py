"""The .npz files of the critical-initialisation deposits, as they are laid out there."""

import zipfile

import numpy as np
import pytest

import popcode
from popcode.errors import InputError
from popcode.io.critical_npz import CRITICAL_NPZ

N_NEURONS, N_BINS = 12, 90
RNG = np.random.default_rng(0)
EVENTS = np.maximum(RNG.normal(size=(N_NEURONS, N_BINS)), 0).astype(np.float32)
XPOS, YPOS = RNG.random((2, N_NEURONS)) * 1000


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def refused(path, **arguments) -> str:
    with pytest.raises(InputError) as caught:
        popcode.load(path, **arguments)
    assert caught.value.where.startswith(str(path))
    assert caught.value.remedy
    return str(caught.value)


def notes(recording) -> str:
    return "; ".join(note for step in recording.provenance for note in step.get("notes", ()))


@pytest.mark.parametrize("order", ["C", "F"])
def test_two_photon_files(order, tmp_path, monkeypatch):
    path = save(
        tmp_path / "F_FX14_2024_11_23.npz",
        sp=np.array(EVENTS, order=order),
        xpos=XPOS,
        ypos=YPOS,
        snr=np.arange(12.0),
        run=np.arange(90.0),
    )
    monkeypatch.setattr("popcode.recording.kinds.ROWS_AT_ONCE_BYTES", 5 * N_BINS * 4)
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, EVENTS.T)
    assert recording.kind == "events"
    assert recording.bin_s == 1 / 22
    assert "bins of 1/22 s" in notes(recording)
    table = recording.neurons
    np.testing.assert_array_equal(table[["x_um", "y_um"]], np.stack([XPOS, YPOS], 1))
    np.testing.assert_array_equal(table["snr"], np.arange(12))
    np.testing.assert_array_equal(recording.covariates["run"], np.arange(90))
    assert recording.provenance[-1]["format"] == "critical-initialization npz"
    assert popcode.load(path, bin_s=0.1).bin_s == 0.1
    assert popcode.load(path, sampling_rate_hz=10).bin_s == 0.1


def test_probe_files(tmp_path):
    areas = np.array([f"area{k % 3}" for k in range(N_NEURONS)])
    counts = RNG.poisson(1, (N_NEURONS, N_BINS)).astype(np.float32)
    path = save(
        tmp_path / "Waksman_spks_face.npz",
        spks=counts,
        ypos=YPOS,
        iprobe=np.arange(N_NEURONS) % 8,
        areas=areas,
    )
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, counts.T)
    assert recording.bin_s == 1 / 22
    assert recording.neurons["region"].tolist() == areas.tolist()
    assert recording.neurons["probe"].tolist() == [k % 8 for k in range(N_NEURONS)]
    assert "x_um" not in recording.neurons


def test_spontaneous_files_do_not_tell_their_rate(tmp_path):
    path = save(tmp_path / "spont_TX109_spks.npz", spks=EVENTS, xpos=XPOS, ypos=YPOS)
    recording = popcode.load(path)
    np.testing.assert_array_equal(recording.activity, EVENTS.T)
    assert np.isnan(recording.bin_s)
    assert "give bin_s" in notes(recording)
    assert popcode.load(path, sampling_rate_hz=3).bin_s == 1 / 3


def test_z_scored_traces_are_no_events(tmp_path):
    path = save(tmp_path / "F_a.npz", sp=EVENTS - 1, xpos=XPOS, ypos=YPOS)
    recording = popcode.load(path)
    assert recording.kind == "dff"
    assert "taken as z-scored traces" in notes(recording)


def test_bins_x_neurons_is_told_by_the_positions(tmp_path):
    path = save(tmp_path / "F_a.npz", sp=EVENTS.T, xpos=XPOS, ypos=YPOS)
    np.testing.assert_array_equal(popcode.load(path).activity, EVENTS.T)


def spike_times(n_units=6, duration_s=40.0):
    labels = np.repeat(np.arange(n_units), 200)
    return labels, RNG.random(len(labels)) * duration_s + 0.01


def test_spike_times(tmp_path):
    labels, times = spike_times()
    order = np.argsort(times)
    path = save(
        tmp_path / "Krebs_spks_face.npz",
        clu=labels[order],
        st=times[order],
        ypos=np.arange(6.0),
        iprobe=np.arange(6),
    )
    recording = popcode.load(path, bin_s=0.1)
    assert recording.n_neurons == 6
    assert recording.kind == "counts"
    first = times.min()
    edges = first + 0.1 * np.arange(recording.n_bins + 1)
    for unit in range(6):
        expected, _ = np.histogram(times[labels == unit], edges)
        # Spikes within rounding of an edge may fall on either side of it.
        assert np.abs(recording.activity[:, unit] - expected).sum() <= 2
    assert recording.neurons["y_um"].tolist() == list(range(6))
    assert recording.neurons["probe"].tolist() == list(range(6))


def test_unit_numbers_index_longer_tables(tmp_path):
    labels, times = spike_times()
    save(tmp_path / "a.npz", clu=labels * 3 + 1, st=times, ypos=np.arange(20.0), snr=np.ones(4))
    recording = popcode.load(tmp_path / "a.npz")
    assert recording.neurons["id"].tolist() == [1, 4, 7, 10, 13, 16]
    assert recording.neurons["y_um"].tolist() == [1, 4, 7, 10, 13, 16]
    assert "snr has 4 values for 6 units: left out" in notes(recording)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"xpos": XPOS[:5]}, "these values a neuron fit neither side of it: xpos 5, ypos 12"),
        ({"xpos": np.zeros(7), "ypos": np.zeros(7)}, "fit neither side"),
        ({"sp": EVENTS[0]}, "'sp' has shape (90,); expected neurons x bins"),
        ({"sp": EVENTS.astype(object)}, "array 'sp': it holds pickled objects"),
        ({"areas": np.array(["a"] * 12, dtype=object)}, "array 'areas': it holds pickled objects"),
        ({"sp": np.where(EVENTS.max() == EVENTS, np.nan, EVENTS)}, "activity holds 1 NaN"),
    ],
)
def test_files_that_do_not_fit(changes, message, tmp_path):
    path = save(tmp_path / "F_a.npz", **({"sp": EVENTS, "xpos": XPOS, "ypos": YPOS} | changes))
    assert message in refused(path)


def test_arrays_that_are_not_needed_do_not_matter(tmp_path):
    path = save(tmp_path / "F_a.npz", sp=EVENTS, xpos=XPOS, ypos=YPOS, run=np.zeros(3), more=[{}])
    assert "'run' has not one value a bin: left out" in notes(popcode.load(path))


def test_spikes_and_units_that_disagree(tmp_path):
    labels, times = spike_times()
    save(tmp_path / "a.npz", clu=labels[:-1], st=times)
    assert "clu has 1,199 values of type int64 and st 1,200" in refused(tmp_path / "a.npz")


def bomb(path, shape, n_bytes):
    """An archive whose `sp` announces `shape`, and unpacks to `n_bytes` of nothing."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    magic = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sp.npy", magic + bytes(n_bytes))
        for name in ("xpos", "ypos"):
            with archive.open(f"{name}.npy", "w") as member:
                np.save(member, XPOS)
    return path


def test_bombs_are_refused(tmp_path):
    path = bomb(tmp_path / "F_a.npz", (12, 2 * 10**9), 1000)
    assert path.stat().st_size < 10_000
    assert "the array 'sp' is cut short" in refused(path)
    content = path.read_bytes()  # the directory of the archive lies as well
    size = (1000 + 128).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (2**32 - 2).to_bytes(4, "little")))
    assert "cut short" in refused(path) or "GiB" in refused(path)


def test_other_archives_are_not_taken(recording, tmp_path):
    popcode.save(recording, tmp_path / "native.npz")
    save(tmp_path / "plain.npz", spks=EVENTS)
    save(tmp_path / "activity.npz", activity=EVENTS, xpos=XPOS, ypos=YPOS, sp=EVENTS)
    (tmp_path / "no.npz").write_bytes(b"PK\x03\x04 no archive")
    for name in ("native.npz", "plain.npz", "activity.npz", "no.npz", "."):
        assert not CRITICAL_NPZ.holds(tmp_path / name)


def test_damaged_files(tmp_path):
    path = save(tmp_path / "F_a.npz", sp=EVENTS, xpos=XPOS, ypos=YPOS)
    content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    rng = np.random.default_rng(1)
    for _ in range(200):
        damaged = content.copy()
        damaged[rng.integers(0, len(content), 3)] ^= rng.integers(1, 256, 3).astype(np.uint8)
        path.write_bytes(damaged.tobytes())
        try:
            popcode.load(path)
        except InputError as error:
            assert str(path) in str(error)
