"""Sweeps of trials that sleep instead of fitting."""

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("optuna", reason="the extra popcode[sweep] is not installed")
pytest.importorskip("distributed", reason="the extra popcode[sweep] is not installed")


@pytest.fixture(scope="session")
def fake():
    """The module that sweeps fake trials; its path starts one in a process of its own."""
    path = Path(__file__).with_name("fake_sweep.py")
    spec = importlib.util.spec_from_file_location("fake_sweep", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
