"""``popcode connectivity``: from runs to matrices, page and table; what it refuses."""

import numpy as np
import pytest

import popcode
from popcode.cli.options import FitOptions
from popcode.cli.preparation import content_hash
from popcode.files import RunRecord, write_record

pytestmark = pytest.mark.filterwarnings("ignore::popcode.errors.PopcodeWarning")
REGIONS = ("pallium", "pretectum", "tectum", "cerebellum")


def recording(seed):
    """Two assemblies, each in two of four regions of eight neurons."""
    rng = np.random.default_rng(seed)
    active = rng.random((300, 2)) < 0.3
    member = np.repeat([[1, 0], [1, 0], [0, 1], [0, 1]], 8, axis=0)
    rates = 0.05 + 0.5 * (active @ member.T)
    activity = (rng.random(rates.shape) < rates).astype(np.uint8)
    neurons = {"id": np.arange(32), "region": np.repeat(REGIONS, 8)}
    return popcode.Recording(activity, bin_s=0.5, neurons=neurons)


def as_run(folder, source, l1=0.002, seed=0, model=popcode.CompositionalRBM):
    """A run without its evaluation and its page, which connectivity does not look at."""
    options = FitOptions(
        n_updates=60, seed=seed, device="cpu", holdout=0.0, split="matched", binarize=False,
        n_hidden=4, hidden="drelu", l1=l1, n_chains=100, n_sweeps=2, batch_size=100,
        learning_rate=5e-3,
    )  # fmt: skip
    fitted = model(n_hidden=4, l1=l1, n_updates=60, n_sweeps=2, seed=seed).fit(popcode.load(source))
    folder.mkdir()
    fitted.save(folder / "model.safetensors")
    hash_ = content_hash(popcode.load(source))
    write_record(folder, RunRecord("popcode fit", options.record(), seed, str(source), hash_))
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two animals, the first with two models and one that lost its units."""
    folder = tmp_path_factory.mktemp("animals")
    for animal in (1, 2):
        popcode.save(recording(animal), folder / f"fish{animal}.npz")
    as_run(folder / "one", folder / "fish1.npz")
    as_run(folder / "again", folder / "fish1.npz", seed=1)
    as_run(folder / "dead", folder / "fish1.npz", l1=5.0)
    as_run(folder / "two", folder / "fish2.npz")
    return folder


@pytest.fixture
def structure(tmp_path):
    matrix = np.array([[4.0, 3, 1, 0], [3, 4, 0, 1], [1, 0, 4, 2], [0, 1, 2, 4]])
    np.savez(tmp_path / "structure.npz", sc=matrix, names=np.array(REGIONS))
    return tmp_path / "structure.npz"


def test_animals_are_averaged_compared_and_kept(cli, runs, structure, tmp_path):
    out = tmp_path / "c.npz"
    models = [runs / name for name in ("one", "again", "dead", "two")]
    options = ("--structure", structure, "--resamples", "100")
    outcome = cli("connectivity", *models, "--out", out, *options)
    assert outcome.code == 0, outcome.err
    assert "2 of 3 models" in outcome.err
    assert f"{runs / 'dead'} is set aside: only 0 of 4 hidden units keep weights" in outcome.err
    with np.load(out) as file:
        assert file["region_names"].tolist() == sorted(REGIONS)
        assert file["animals"].tolist() == ["fish1", "fish2"]
        assert file["methods"].tolist() == [
            "crbm", "crbm_l2", "covariance", "correlation", "correlation_shifted",
        ]  # fmt: skip
        assert file["model_runs"].tolist() == [str(runs / k) for k in ("one", "again", "two")]
        # Models of one animal first: plain means; then animals, of equal sizes and lengths.
        first = file["models"][:2].mean(axis=0)
        np.testing.assert_allclose(file["crbm_animals"][0], first)
        np.testing.assert_allclose(file["crbm"], file["crbm_animals"].mean(axis=0))
        order = [REGIONS.index(name) for name in sorted(REGIONS)]
        with np.load(structure) as given:
            wanted = given["sc"][np.ix_(order, order)].astype(float)
            np.fill_diagonal(wanted, np.nan)  # regions with themselves are not compared
            np.testing.assert_array_equal(file["structure"], wanted)
    assert "correlation, shifted" in outcome.out
    page = out.with_suffix(".html").read_text()
    assert "Runs set aside" in page
    assert "2 of 3" not in page
    again = cli("connectivity", *models, "--out", out)
    assert (again.code, "is there already" in again.message) == (2, True)


def test_one_animal_without_baselines_has_its_matrix(cli, runs, tmp_path):
    out = tmp_path / "c.npz"
    outcome = cli("connectivity", runs / "two", "--out", out, "--baselines", "none")
    assert outcome.code == 0, outcome.err
    assert "one animal only" in outcome.err
    with np.load(out) as file:
        assert file["methods"].tolist() == ["crbm", "crbm_l2"]
        assert file["crbm"].shape == (4, 4)


def test_slow_baselines_are_there_where_asked_for(cli, runs, tmp_path):
    out = tmp_path / "c.npz"
    outcome = cli("connectivity", runs / "two", "--out", out, "--baselines", "ising,lasso")
    assert outcome.code == 0, outcome.err
    with np.load(out) as file:
        assert np.isfinite(file["ising"]).all()
        assert np.isfinite(file["graphical_lasso"]).all()


def test_what_cannot_be_compared_is_refused(cli, runs, tmp_path, structure):
    def message(*tokens):
        outcome = cli("connectivity", *tokens)
        assert outcome.code == 2
        return outcome.message

    out = ("--out", tmp_path / "c.npz")
    assert "no run is named" in message(*out)
    assert "the ending '.csv' is none of .npz" in message(runs / "two", "--out", "c.csv")
    assert "--baselines names 'pca'" in message(runs / "two", *out, "--baselines", "pca")
    assert "--least is 0" in message(runs / "two", *out, "--least", "0")
    assert "no area holds 9 neurons" in message(runs / "two", *out, "--least", "9")
    assert "no column 'area'" in message(runs / "two", *out, "--by", "area")
    assert "no model of any animal" in message(runs / "dead", *out)
    absent = tmp_path / "none.npz"
    assert "there is no such file" in message(runs / "two", *out, "--structure", absent)
    np.savez(structure, sc=np.eye(3) + 1, names=np.array(["a", "b", "c"]))
    text = message(runs / "two", *out, "--structure", structure)
    assert "0 of the 4 regions" in text
    assert not (tmp_path / "c.npz").exists()


def test_other_runs_are_refused(cli, tmp_path):
    rng = np.random.default_rng(0)
    plain = popcode.Recording((rng.random((300, 8)) < 0.3).astype(np.uint8), bin_s=0.5)
    popcode.save(plain, tmp_path / "plain.npz")
    out = ("--out", tmp_path / "c.npz")
    binary = as_run(tmp_path / "rbm", tmp_path / "plain.npz", model=popcode.BernoulliRBM)
    outcome = cli("connectivity", binary, *out)
    assert (outcome.code, "not a compositional RBM" in outcome.message) == (2, True)
    plain = as_run(tmp_path / "crbm", tmp_path / "plain.npz", l1=0.0)
    outcome = cli("connectivity", plain, *out)
    assert (outcome.code, "Give the neurons their areas" in outcome.message) == (2, True)
    (tmp_path / "plain.npz").unlink()
    outcome = cli("connectivity", plain, *out)
    assert (outcome.code, "plain.npz" in outcome.message) == (2, True)


def test_a_family_is_simulated_with_its_circuit(cli, tmp_path):
    family = ("simulate", "family", "--out", tmp_path / "family", "--animals", "2")
    outcome = cli(*family, "--neurons", "400", "--bins", "120")
    assert outcome.code == 0, outcome.err
    first = popcode.load(tmp_path / "family" / "animal1.npz")
    assert first.n_bins == 120
    assert 400 <= first.n_neurons <= 520
    with np.load(tmp_path / "family" / "circuit.npz") as file:
        assert set(first.neurons["region"]) == set(file["region_names"].tolist())
    again = cli(*family, "--neurons", "400", "--bins", "120")
    assert (again.code, "is there already" in again.message) == (2, True)
    assert "fewer" not in cli(*family, "--neurons", "100").err
    assert "100 to 130 neurons" in cli(*family, "--neurons", "100").message
