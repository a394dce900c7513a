"""The file of what stands behind the numbers: read as written, or refused."""

import numpy as np
import pytest

from popcode.errors import InputError
from popcode.metrics.equilibrium import EquilibriumEvidence, read_equilibrium, write_equilibrium
from popcode.metrics.equilibrium.evidence import Histograms, Squares, SurpriseSeries


@pytest.fixture
def evidence():
    edges, counts = np.linspace(0, 1, 5), np.arange(16).reshape(4, 4)
    series = np.linspace(3, 4, 9, dtype=np.float32)
    return EquilibriumEvidence(
        random_triplets=Squares(edges, {"model": counts, "train": counts + 1}),
        strongest_triplets=None,
        population={"model": np.arange(4), "test": np.arange(4)},
        projections=Histograms(edges[None], {"model": counts[:1]}),
        relaxation=None,
        neuron_bits={"model": np.array([0.5, np.nan])},
        surprise=SurpriseSeries(series, series, edges, {"test": counts[0]}, edges, edges),
    )


def leaves(value):
    if isinstance(value, dict):
        return [leaf for name in value for leaf in leaves(value[name])]
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def test_read_as_written(evidence, tmp_path):
    write_equilibrium(tmp_path / "e.npz", evidence)
    found = read_equilibrium(tmp_path / "e.npz")
    assert list(found.random_triplets.counts) == ["model", "train"]
    for one, other in zip(leaves(found), leaves(evidence), strict=True):
        assert type(one) is type(other)
        if one is not None:
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)  # nan where nan was


def test_nothing_at_all_is_a_file_too(tmp_path):
    nothing = EquilibriumEvidence(None, None, {}, None, None, {}, None)
    write_equilibrium(tmp_path / "e.npz", nothing)
    assert read_equilibrium(tmp_path / "e.npz") == nothing


def test_damage_and_other_files_are_refused(evidence, tmp_path):
    path = tmp_path / "e.npz"
    write_equilibrium(path, evidence)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.choice(len(content), 40, replace=False):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            found = read_equilibrium(path)
        except InputError:
            continue
        for one, other in zip(leaves(found), leaves(evidence), strict=True):
            np.testing.assert_array_equal(one, other)
    for other in (content[:200], b"not a zip"):
        path.write_bytes(other)
        with pytest.raises(InputError, match="popcode evaluate"):
            read_equilibrium(path)
    np.savez(path, format="popcode-equilibrium", version=1, something=np.zeros(2))
    with pytest.raises(InputError, match="unknown parts"):
        read_equilibrium(path)
    np.savez(path, format="popcode-evaluation", version=1)
    with pytest.raises(InputError, match="another format"):
        read_equilibrium(path)
