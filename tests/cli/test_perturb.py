"""``popcode perturb``: from options to units, and what is written."""

import csv

import numpy as np
import pytest

import popcode
from popcode.cli.perturbations import perturbation_of
from popcode.errors import InputError


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    on = rng.random((600, 1)) < 0.3
    x = (rng.random((600, 10)) < np.where(on, 0.7, 0.05)).astype(np.uint8)
    return popcode.CompositionalRBM(n_hidden=2, l1=0.002, n_updates=200, n_sweeps=2).fit(x)


@pytest.fixture(scope="module")
def placed():
    neurons = {"id": np.arange(10), "region": ["tectum"] * 4 + ["pons"] * 6}
    return popcode.Recording(np.eye(10, dtype=np.uint8), bin_s=1.0, neurons=neurons)


def asked(model, placed, hidden=(), region=(), neuron=(), ablate=()):
    return perturbation_of(model, placed, hidden, region, neuron, ablate)


def test_options_become_units(model, placed):
    found = asked(model, placed, ("1=0.5",), ("tectum=1",), ("9=0",), ("hidden:0", "neuron:8"))
    assert found.neurons.tolist() == [0, 1, 2, 3, 9, 8]
    assert found.states.tolist() == [1, 1, 1, 1, 0, 0]
    assert (found.hidden.tolist(), found.values.tolist()) == ([1], [0.5])
    assert found.without.tolist() == [0]
    found = asked(model, placed, ablate=("region:pons",))
    assert found.neurons.tolist() == [4, 5, 6, 7, 8, 9]
    assert not found.states.any()


def test_on_drives_the_members_of_a_unit(model, placed):
    unit = int(np.abs(model.weights_).sum(axis=0).argmax())
    on, off = (asked(model, placed, (f"{unit}={where}",)).values[0] for where in ("on", "off"))
    assert (on - off) * model.weights_[:, unit].sum() > 0
    x = (np.random.default_rng(1).random((200, 8)) < 0.3).astype(np.uint8)
    binary = popcode.BernoulliRBM(n_hidden=1, n_updates=5, l1=0.0).fit(x)
    binary.weights_[:] = 1
    assert asked(binary, placed, ("0=on",)).values.tolist() == [1]
    binary.weights_[:] = -1
    assert asked(binary, placed, ("0=on",)).values.tolist() == [0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "nothing is held"),
        ({"hidden": ("7=on",)}, "hidden unit 7 is not there"),
        ({"hidden": ("1=up",)}, "--clamp-hidden is '1=up'"),
        ({"hidden": ("1",)}, "--clamp-hidden is '1'"),
        ({"region": ("pallium=1",)}, "no neuron is in a region 'pallium'"),
        ({"region": ("tectum=2",)}, "holds at '2'"),
        ({"neuron": ("a=1",)}, "names 'a'"),
        ({"neuron": ("9" * 20 + "=1",)}, "names '999"),
        ({"ablate": ("unit:3",)}, "--ablate is 'unit:3'"),
    ],
)
def test_what_cannot_be_read_is_refused(model, placed, options, message):
    with pytest.raises(InputError, match=message):
        asked(model, placed, **options)


def test_regions_need_the_input(model):
    with pytest.raises(InputError, match="its regions are not known"):
        asked(model, None, region=("tectum=1",))


def test_a_region_held_active_raises_what_is_coupled_to_it(cli, fit, tmp_path):
    fit(tmp_path / "run")
    out = tmp_path / "effects.csv"
    short = ("--chains", "40", "--burn-in", "20", "--sweeps", "20")
    outcome = cli("perturb", tmp_path / "run", "--clamp-region", "CA1=1", "--out", out, *short)
    assert outcome.code == 0, outcome.err
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["id"] for row in rows] == [str(k) for k in range(100, 140)]
    assert all(float(row["after"]) == 1 for row in rows if row["region"] == "CA1")
    free = [float(row["difference"]) for row in rows if row["region"] == "CA3"]
    # Regions alternate, so half of every assembly is held active.
    assert np.mean(free) > 0.05
    assert "free neurons change beyond their interval" in outcome.out
    again = cli("perturb", tmp_path / "run", "--clamp-region", "CA1=1", "--out", out, *short)
    assert (again.code, "is there already" in again.message) == (2, True)
