"""`assemblies`: what is written of one run and of several, and what is refused."""

import json
import shutil

import numpy as np
import pytest

import popcode
from popcode.analysis.membership import find_consensus, members_beyond, members_by_level


def variant(whole, run, model=None, **record):
    """A copy of a run with another model and other facts in its record."""
    shutil.copytree(whole, run)
    if model is not None:
        model.save(run / "model.safetensors")
    told = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(told | record))
    return run


@pytest.fixture(scope="module")
def grid(tmp_path_factory, whole, activity):
    """Four and five hidden units with one penalty, four with another: `whole` has five."""
    folder = tmp_path_factory.mktemp("grid")
    return [
        variant(
            whole,
            folder / f"{n_hidden}_{l1}",
            popcode.CompositionalRBM(n_hidden=n_hidden, l1=l1, n_updates=60).fit(activity),
            seed=1,
        )
        for n_hidden, l1 in ((4, 0.002), (4, 0.004), (5, 0.004))
    ]


def arrays(path):
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def test_one_run_is_written_as_the_model_has_it(cli, whole, source, tmp_path):
    outcome = cli("assemblies", whole, "--out", tmp_path / "a.npz")
    assert outcome.code == 0, outcome.err
    model, found = popcode.load_model(whole), arrays(tmp_path / "a.npz")
    assert str(found["format"]) == "popcode-assemblies"
    np.testing.assert_array_equal(found["weights"] * found["signs"], model.weights_)
    assert found["rules"].tolist()[:2] == ["level", "above 0"]
    np.testing.assert_array_equal(found["members"][0], members_by_level(model.weights_))
    for rule, members in zip(found["rules"][1:], found["members"][1:], strict=True):
        wanted = members_beyond(model.weights_, float(str(rule).removeprefix("above ")))
        np.testing.assert_array_equal(members, wanted)
    np.testing.assert_array_equal(found["sizes"], found["members"].sum(axis=1))
    traces = model.transform(popcode.load(source))[:, found["units"]]
    np.testing.assert_array_equal(found["traces"], traces * found["signs"][found["units"]])
    assert found["ids"].tolist() == [str(k) for k in range(100, 140)]
    assert found["region_names"].tolist() == ["CA1", "CA3"]
    assert "extent_spread_um" not in found
    assert (str(found["hidden_time_unit"]), float(found["bin_s"])) == ("s", 0.02)
    assert found["level_transition"].shape == found["units"].shape
    np.testing.assert_allclose(
        found["level_transition"], (found["level_low"] + found["level_high"]) / 2
    )
    assert found["ward_order"].shape == found["units"].shape


def test_every_number_of_the_table_has_its_sentence(cli, whole, tmp_path):
    shown = cli("assemblies", whole, "--out", tmp_path / "a.npz").out
    table, _, sentences = shown.partition("\n\n")
    names = [line.split("  ")[0] for line in table.splitlines()[2:]]
    assert len(names) >= 8
    for name in names:
        assert f"\n{name}: " in "\n" + sentences
    assert "nan" not in shown


def test_regions_can_be_left_out(cli, whole, tmp_path):
    out = tmp_path / "a.npz"
    assert cli("assemblies", whole, "--out", out, "--leave-out-region", "CA1").code == 0
    assert arrays(out)["region_names"].tolist() == ["CA3"]
    unknown = cli("assemblies", whole, "--out", out, "--leave-out-region", "CA9", "--force")
    assert unknown.code == 2
    assert "'CA9'" in unknown.message


def test_several_runs_have_a_consensus_set_and_a_page(cli, whole, grid, tmp_path):
    out = tmp_path / "several.npz"
    runs = [whole, *grid]
    outcome = cli("assemblies", *runs, "--out", out)
    assert outcome.code == 0, outcome.err
    found = arrays(out)
    weights = [popcode.load_model(run).weights_ for run in runs]
    wanted = find_consensus(weights)
    np.testing.assert_array_equal(found["consensus_weights"], wanted.weights)
    np.testing.assert_array_equal(found["consensus_units"], wanted.units)
    assert found["n_hidden"].tolist() == [5, 4, 4, 5]
    assert found["l1"].tolist() == pytest.approx([0.002, 0.002, 0.004, 0.004])
    assert found["unit_return_share"].shape == found["unit_run"].shape == (18,)
    # Two numbers of hidden units and two penalties: an analysis without a second run in a cell.
    assert found["variance_mean_size"].shape == (4, 5)
    assert found["variance_rows"].tolist() == ["first", "second", "interaction", "residual"]
    assert "hidden units" in outcome.out
    assert "with shuffled neurons" in outcome.out
    page = out.with_suffix(".html").read_text()
    assert "Consensus set" in page
    again = cli("assemblies", *runs, "--out", tmp_path / "several.npz")
    assert (again.code, "is there already" in again.message) == (2, True)
    out.unlink()
    page_there = cli("assemblies", *runs, "--out", out)
    assert (page_there.code, "several.html" in page_there.message) == (2, True)


def test_one_penalty_has_no_analysis_of_variance(cli, whole, grid, tmp_path):
    out = tmp_path / "two.npz"
    assert cli("assemblies", whole, grid[0], "--out", out).code == 0
    assert not [name for name in arrays(out) if name.startswith("variance_")]
    assert "No analysis of variance" in out.with_suffix(".html").read_text()


def test_what_cannot_be_compared_is_refused(cli, whole, tmp_path):
    out, other = tmp_path / "a.npz", variant(whole, tmp_path / "other", input_hash="0" * 64)
    for tokens, said in (
        ((whole, other), "another input"),
        ((whole, whole), "given twice"),
        ((other,), "content has changed"),
        ((tmp_path,), "run.json"),
        ((whole, "--seed", "-1"), "--seed is -1"),
    ):
        outcome = cli("assemblies", *tokens, "--out", out)
        assert outcome.code == 2, tokens
        assert said in outcome.message
        assert outcome.err.count("popcode: ") == 1
    assert cli("assemblies", "--out", out).code == 2
    assert cli("assemblies", whole, "--out", tmp_path / "a.csv").code == 2
    assert not out.exists()


def test_other_models_and_unfinished_runs_are_refused(cli, whole, activity, tmp_path):
    model = popcode.BernoulliRBM(n_hidden=2, n_updates=5, n_chains=50).fit(activity)
    run, out = variant(whole, tmp_path / "rbm", model), tmp_path / "a.npz"
    assert "BernoulliRBM has no sparse assemblies" in cli("assemblies", run, "--out", out).message
    unfinished = variant(whole, tmp_path / "unfinished")
    (unfinished / "model.safetensors").unlink()
    outcome = cli("assemblies", unfinished, "--out", out)
    assert (outcome.code, "popcode resume" in outcome.message) == (2, True)
    assert not out.exists()


def test_existing_files_are_kept(cli, whole, tmp_path):
    out = tmp_path / "a.npz"
    out.write_text("mine")
    assert "is there already" in cli("assemblies", whole, "--out", out).message
    assert out.read_text() == "mine"
    assert cli("assemblies", whole, "--out", out, "--force").code == 0
