"""The examples in the docstrings of Recording run."""

import doctest
import sys

import popcode


def test_examples_run():
    module = sys.modules[popcode.Recording.__module__]
    assert doctest.testmod(module).failed == 0
