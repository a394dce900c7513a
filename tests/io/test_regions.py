"""Layers leave the names of cortical areas, and digits stay where they are no layer."""

import numpy as np
import pytest

from popcode.io.regions import area_of, areas_of

ISOCORTEX = """
FRP MOp MOs SSp-n SSp-bfd SSp-ll SSp-m SSp-ul SSp-tr SSp-un SSs GU VISC AUDd AUDp AUDpo AUDv
VISal VISam VISl VISp VISpl VISpm VISli VISpor VISa VISrl ACAd ACAv PL ILA ORBl ORBm ORBvl AId
AIp AIv RSPagl RSPd RSPv TEa PERI ECT
"""
OTHERS = """
CA1 CA2 CA3 SUB ProS POST DG LP LD VPM PO MB SCig SCiw SCsg APN MRN NOT PPT TH HPF root grey
fiber-tracts IP V3 AV3V PB X2 LGv LGd MOB VISp-extra POL unknown
"""
LAYERS = ["1", "2/3", "4", "5", "6a", "6b"]


@pytest.mark.parametrize("area", [*ISOCORTEX.split(), "ENTl", "ENTm"])
def test_every_layer_of_every_cortical_area_goes(area):
    assert [area_of(area + layer) for layer in LAYERS] == [area] * len(LAYERS)
    assert area_of(area) == area


@pytest.mark.parametrize(
    "name",
    OTHERS.split(),
)
def test_other_names_stay(name):
    assert area_of(name) == name


def test_parts_of_the_geniculate_and_the_dentate_are_joined():
    assert [area_of(f"LGd-{part}") for part in ("sh", "co", "ip")] == ["LGd"] * 3
    assert [area_of(f"DG-{part}") for part in ("mo", "po", "sg")] == ["DG"] * 3


def test_arrays_are_named_one_by_one():
    names = np.array(["VISp5", "", "CA1", "VISp2/3", "VISp5"])
    assert areas_of(names).tolist() == ["VISp", "", "CA1", "VISp", "VISp"]
    assert areas_of(np.array([], dtype="U3")).tolist() == []
