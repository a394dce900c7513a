"""Spectra against the width of bins."""

import numpy as np
import pytest

from popcode.dynamics.bin_widths import spectra_by_bin_width
from popcode.dynamics.spectra import spectrum
from popcode.errors import InputError, PopcodeWarning
from popcode.recording import Recording


def slow_modes(n_bins=6000, n_modes=40):
    """Modes whose variance and time constant both fall with rank, as in a linear network."""
    rng = np.random.default_rng(0)
    decay = 1 - 0.5 * (np.arange(1, n_modes + 1) / n_modes) ** 0.67
    x = rng.normal(size=(n_bins, n_modes))
    for t in range(1, n_bins):
        x[t] += decay * x[t - 1]
    return x @ np.linalg.qr(rng.normal(size=(n_modes, n_modes)))[0].T


def test_wider_bins_steepen_the_spectrum_of_slow_modes():
    x = slow_modes()
    found = spectra_by_bin_width(x, (1, 4, 16), "direct", ranks=(2, 30))
    exponents = [each.power_law.exponent for each in found]
    assert exponents[0] < exponents[1] < exponents[2]
    assert [each.n_bins for each in found] == [6000, 1500, 375]
    # Averages are float32.
    assert np.allclose(found[0].spectrum.values, spectrum(x, "direct").values, rtol=1e-6)


def test_it_is_the_spectrum_of_the_averages():
    x = slow_modes(1200)
    wide = spectra_by_bin_width(
        Recording(x.astype(np.float32), bin_s=0.1, segment_starts=[0, 401]),
        (4,),
        "direct",
        ranks=(2, 20),
    )[0]
    parts = [x[0:400].reshape(100, 4, -1), x[401:1197].reshape(199, 4, -1)]
    expected = spectrum(np.concatenate(parts).mean(axis=1), "direct")
    assert wide.bin_s == pytest.approx(0.4)
    assert np.allclose(wide.spectrum.values, expected.values, rtol=1e-4)


def test_widths_that_leave_too_little_are_told():
    x = slow_modes(1200)
    with pytest.warns(PopcodeWarning, match="widths of 100, 5000 bins"):
        found = spectra_by_bin_width(x, (1, 100, 5000), "direct", ranks=(2, 30))
    assert [each.n_merged for each in found] == [1]
    with pytest.raises(InputError, match="no width"):
        spectra_by_bin_width(x, (5000,), "direct")
    with pytest.raises(InputError, match="width of 0"):
        spectra_by_bin_width(x, (0,), "direct")
