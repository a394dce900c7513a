"""The circuit of a family comes back from its file as a structure."""

import numpy as np

from popcode.analysis.connectivity import read_structure
from popcode.simulate.family import FamilySettings, planted_circuit
from popcode.simulate.family_files import save_circuit


def test_a_circuit_is_a_structure(tmp_path):
    # As many assemblies as regions: every array of the file is square.
    circuit = planted_circuit(FamilySettings(n_assemblies=20))
    save_circuit(circuit, tmp_path / "circuit.npz")
    found = read_structure(tmp_path / "circuit.npz", circuit.names[::-1])
    wanted = circuit.matrix[::-1, ::-1].copy()
    np.fill_diagonal(wanted, np.nan)  # a structure is one of different regions
    np.testing.assert_array_equal(found.values, wanted)
    assert found.notes == ()
