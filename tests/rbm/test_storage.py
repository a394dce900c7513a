"""Models on disk: all that their methods need, equal files for equal models, no pickle."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

import popcode
from popcode.errors import InputError
from popcode.estimators.model_files import FORMAT, VERSION
from popcode.rbm.storage import read_model

pytestmark = pytest.mark.filterwarnings("ignore:Not converged")
DATA = (np.random.default_rng(0).random((120, 12)) < 0.2).astype(np.uint8)


def fitted(hidden="drelu"):
    settings = {"n_hidden": 3, "l1": 0.01, "n_updates": 20, "n_chains": 10, "n_sweeps": 2}
    return popcode.CompositionalRBM(hidden=hidden, **settings).fit(DATA)


@pytest.mark.parametrize("hidden", ["drelu", "relu", "gaussian", "bernoulli"])
def test_a_loaded_model_does_all_that_the_saved_one_did(tmp_path, hidden):
    model = fitted(hidden)
    model.save(tmp_path / "model.safetensors")
    loaded = popcode.load_model(tmp_path / "model.safetensors")
    assert loaded.get_params() == model.get_params()
    for name in ("transform", "reconstruct", "free_energy"):
        assert np.array_equal(getattr(loaded, name)(DATA), getattr(model, name)(DATA)), name
    assert np.array_equal(loaded.sample(20, burn_in=5), model.sample(20, burn_in=5))
    assert loaded.history_ == model.history_
    assert loaded.training_ == model.training_
    assert loaded.l1_ == model.l1_


def test_a_run_folder_is_as_good_as_its_model(tmp_path):
    fitted().save(tmp_path / "model.safetensors")
    assert popcode.load_model(tmp_path).weights_.shape == (12, 3)


def test_equal_models_are_equal_files_in_every_process(tmp_path):
    """Dictionaries of other languages are ordered differently in every process."""
    path = tmp_path / "model.safetensors"
    fitted().save(path)
    again = "import sys, popcode; popcode.load_model(sys.argv[1]).save(sys.argv[2])"
    for k in range(3):
        copy = tmp_path / f"{k}.safetensors"
        subprocess.run([sys.executable, "-c", again, path, copy], check=True)
        assert copy.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("kept", [0, 7, 100, -1])
def test_a_part_of_a_file_is_refused(tmp_path, kept):
    path = tmp_path / "model.safetensors"
    fitted().save(path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match="cannot be read as a model") as refused:
        popcode.load_model(path)
    assert refused.value.where == str(path)


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read as a model"):
        popcode.load_model(tmp_path / "nothing.safetensors")


def test_a_pickle_is_never_read(tmp_path):
    path = tmp_path / "model.safetensors"

    class Harmful:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was read",))

    path.write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(InputError, match="cannot be read as a model"):
        popcode.load_model(path)


def test_another_safetensors_file(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file({"weights": np.zeros(3)}, path)
    with pytest.raises(InputError, match="a safetensors file, but not a popcode model"):
        popcode.load_model(path)


def with_metadata(path, **changes):
    metadata = {"format": FORMAT, "version": str(VERSION), "estimator": "CompositionalRBM"}
    metadata |= {"hidden": "drelu", "settings": "{}", "facts": "{}"}
    save_file({"weights": np.zeros((2, 1))}, path, {FORMAT: json.dumps(metadata | changes)})
    return path


def test_a_newer_version(tmp_path):
    path = with_metadata(tmp_path / "new.safetensors", version=str(VERSION + 1))
    with pytest.raises(InputError, match=f"this popcode reads up to {VERSION}. Update popcode"):
        read_model(path)


def test_a_part_that_is_missing(tmp_path):
    path = with_metadata(tmp_path / "part.safetensors")
    with pytest.raises(InputError, match="a part of the model is missing"):
        read_model(path)


def test_metadata_that_is_no_json(tmp_path):
    path = tmp_path / "odd.safetensors"
    save_file({"weights": np.zeros(3)}, path, {FORMAT: "{"})
    with pytest.raises(InputError, match="cannot be read as a model"):
        read_model(path)


def test_a_write_that_fails_leaves_the_former_model(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    model = fitted()
    model.save(path)
    before = path.read_bytes()

    def fails(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("popcode.estimators.model_files.save_file", fails)
    with pytest.raises(InputError, match="the disk is full"):
        model.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
