"""The response of fluorescence to one spike: a difference of two exponentials with peak 1.

K(t) = (exp(-t/decay) - exp(-t/rise)) / peak, with peak = rho^(-rise/(decay-rise)) -
rho^(-decay/(decay-rise)) and rho = decay/rise (Tubiana et al. 2020). A spike of frame t is seen
from the same frame on, as K(dt), K(2 dt), ...; convolution is then the recursion
X_t = r X_{t-1} + N_t / eta, C_t = d C_{t-1} + X_t with d = exp(-dt/decay), r = exp(-dt/rise).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit


class Kernel(NamedTuple):
    """Times of the response to a spike.

    Attributes
    ----------
    rise_s, decay_s : float or ndarray of float64, (n_neurons,)
        Seconds; ``rise_s < decay_s``.
    """

    rise_s: float | np.ndarray
    decay_s: float | np.ndarray


# Inferred by blind sparse deconvolution from three zebrafish larvae, about 5,000 neurons each,
# at 10 Hz: van der Plas et al. 2023, methods.
KERNELS = {"gcamp6s": Kernel(0.2, 3.55), "gcamp6f": Kernel(0.15, 1.6)}

NO_RISE = 1e-9  # of the decay: the ratio of shorter ones to it is no number


@njit(nogil=True, cache=True, error_model="numpy")
def coefficients(rise_s, decay_s, dt):
    """Coefficients of the recursion.

    Parameters
    ----------
    rise_s, decay_s, dt : float
        Seconds; ``0 <= rise_s < decay_s``. A rise of 0 is a jump.

    Returns
    -------
    decay, rise : float
        exp(-dt/decay_s) and exp(-dt/rise_s).
    eta : float
        What a step of the recursion is multiplied with to give the amplitude of a spike.
    """
    decay = math.exp(-dt / decay_s)
    if rise_s <= NO_RISE * decay_s:
        return decay, 0.0, 1.0 / decay
    rise = math.exp(-dt / rise_s)
    ratio = decay_s / rise_s
    peak = ratio ** (-decay_s / (decay_s - rise_s)) * (ratio - 1.0)
    return decay, rise, peak / (decay - rise)


@njit(nogil=True, cache=True, error_model="numpy")
def norms(decay, rise, eta):
    """Sum and Euclidean norm of the kernel over all frames, in closed form."""
    peak = eta * (decay - rise)
    total = (decay / (1.0 - decay) - rise / (1.0 - rise)) / peak
    square = decay**2 / (1.0 - decay**2) - 2.0 * decay * rise / (1.0 - decay * rise)
    square += rise**2 / (1.0 - rise**2)
    return total, math.sqrt(square) / peak


@njit(nogil=True, cache=True, error_model="numpy")
def autocovariance(decay, rise, lag):
    """Overlap of the kernel with itself `lag` frames later, up to a factor: sum_j K_j K_{j+lag}."""
    cross = decay * rise
    value = decay ** (2 + lag) / (1.0 - decay**2) + rise ** (2 + lag) / (1.0 - rise**2)
    return value - cross * (decay**lag + rise**lag) / (1.0 - cross)


@njit(nogil=True, cache=True, error_model="numpy")
def convolve(events, decay, rise, eta, calcium):
    """Write the calcium that `events` cause; see `popcode.preprocess.deconvolution.solver`.

    Parameters
    ----------
    events : ndarray of float64, (n_bins,)
        The first is the calcium left from before the start, times eta: it decays without a rise.
    calcium : ndarray of float64, (n_bins,)
        Overwritten.
    """
    rising, level = 0.0, events[0] / eta
    calcium[0] = level
    for t in range(1, events.size):
        rising = rise * rising + events[t] / eta
        level = decay * level + rising
        calcium[t] = level
