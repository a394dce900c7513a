"""The critically normalised linear network: one random matrix, and all that follows from it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.dynamics.connectivity.drawing import draw_connectivity, named_structure
from popcode.dynamics.connectivity.leading import leading_eigenvalues
from popcode.dynamics.connectivity.matrices import Connectivity
from popcode.dynamics.connectivity.normalisation import normalised
from popcode.dynamics.connectivity.structures import Dense, Structure
from popcode.dynamics.ensemble import ensemble_eigenvalues
from popcode.dynamics.euler import simulate_euler
from popcode.dynamics.sampler import sample_modes, sample_network
from popcode.dynamics.schedule import Schedule, scheduled
from popcode.dynamics.settings import check_network, check_runs, checked_n_values
from popcode.dynamics.simulated import recording_of_runs, table_of_neurons
from popcode.dynamics.theory import general, modes
from popcode.dynamics.theory.correlation import covariance_of_modes, ordered_spectrum
from popcode.dynamics.theory.spectrum import spectrum_from_leading
from popcode.errors import InputError
from popcode.recording import Recording
from popcode.recording.memory import refuse_beyond_memory

Float = NDArray[np.floating]
_N_DRAWN = 600  # of the ensemble: past the ranks that fits of the spectrum use


class Modes(NamedTuple):
    """Eigenvalues, largest first, and eigenvectors (columns) of a symmetric connectivity."""

    values: Float
    vectors: Float


@dataclass(frozen=True, kw_only=True)
class LinearNetwork:
    r"""Linear dynamics of many neurons under a random connectivity that is nearly critical.

    tau dx/dt = -x + A x + noise, in Euler steps of `dt_s`; the entries of A are independent and A
    is scaled so that the largest real part of its eigenvalues is `radius`. With symmetric A the
    covariance of the neurons has a power-law spectrum of exponent 2/3, and modes last for up to
    tau / (1 - radius).

    Parameters
    ----------
    n_neurons : int
    law : {"uniform", "binary", "gaussian", "truncated_gaussian", "exponential"}
        Of the entries of a dense matrix.
    structure : {"dense", "sparse", "clustered", "local"} or Structure
        Which neurons are connected; `popcode.dynamics.connectivity.structures` has the settings.
    asymmetry : float
        0: symmetric; 1: the two directions are independent.
    radius : float
        Below 1. How close to 1 is critical depends on the size: `theory.scaling.critical_radius`.
    tau_s, dt_s : float
        Time constant of a neuron, step of the simulation, in seconds.
    seed : int
        One seed is one network, whatever is asked of it.

    References
    ----------
    Pachitariu et al., A critical initialization for biological neural networks, Nature 655,
    990-996 (2026), bioRxiv 2025.01.10.632397.

    Examples
    --------
    >>> network = LinearNetwork(n_neurons=200, seed=1)
    >>> network.spectrum(bin_s=0.046).shape
    (200,)
    >>> network.sample(n_bins=50, n_runs=4, bin_s=0.046)
    Recording(200 bins x 200 neurons, rate, bins of 46 ms, 9.2 s, 4 segments)
    """

    n_neurons: int = 10_000
    law: str = "uniform"
    structure: str | Structure = "dense"
    asymmetry: float = 0.0
    radius: float = 0.999
    tau_s: float = 0.05
    dt_s: float = 0.002
    seed: int = 0

    @property
    def is_symmetric(self) -> bool:
        """Whether both directions of a connection are the same."""
        return self.asymmetry == 0

    @cached_property
    def connectivity(self) -> Connectivity:
        """The normalised connectivity."""
        check_network(self.n_neurons, self.asymmetry, self.radius, self.seed)
        structure = named_structure(self.structure)
        refuse_beyond_memory(4 * self.n_neurons**2)
        drawn = draw_connectivity(self.n_neurons, self.law, structure, self.asymmetry, self.seed)
        return normalised(drawn, self.radius, self.is_symmetric)

    @cached_property
    def modes(self) -> Modes:
        """Eigenvalues and orthonormal eigenvectors; InputError where it is not symmetric."""
        self._refuse_asymmetric("orthogonal modes")
        values, vectors = np.linalg.eigh(self._matrix())
        return Modes(values[::-1], vectors[:, ::-1])

    @cached_property
    def eigenvalues(self) -> NDArray[np.inexact]:
        """Eigenvalues of the connectivity, by falling real part; real where it is symmetric."""
        if "modes" in self.__dict__:
            return self.modes.values
        if self.is_symmetric:
            return np.linalg.eigvalsh(self._matrix())[::-1]
        values = np.linalg.eigvals(self._matrix())
        return values[np.argsort(-values.real, kind="stable")]

    def spectrum(
        self,
        bin_s: float = 0.046,
        method: str = "exact",
        n_values: int | None = None,
        *,
        burn_in_s: float = 8.0,
        n_bins: float = math.inf,
    ) -> Float:
        """Eigenvalues of the covariance of binned activity, largest first, of mean 1.

        Parameters
        ----------
        bin_s : float
            Bin width in seconds, a whole multiple of `dt_s`.
        method : {"exact", "ensemble"}
            Of this very matrix; or of a draw from the ensemble of dense symmetric matrices, which
            needs no matrix: the first 600 eigenvalues are drawn, the others at their average.
        n_values : int, optional
            The largest only; by Lanczos iteration where the network is symmetric. Then the mean
            that they are divided by takes the other eigenvalues from the semicircle.
        burn_in_s, n_bins : float
            Of a run that starts from independent neurons of variance 1, as simulations do:
            seconds thrown away, and bins kept. For ever by default: the stationary law.

        Raises
        ------
        InputError
            Impossible settings; the ensemble of a network that is not dense and symmetric.
        """
        schedule = scheduled(self.tau_s, self.dt_s, bin_s, burn_in_s, n_bins)
        if method not in ("exact", "ensemble"):
            raise InputError(f"method is {method!r}", remedy="Give exact or ensemble")
        n = self.n_neurons
        check_network(n, self.asymmetry, self.radius, self.seed)
        n_asked = checked_n_values(n_values, n)
        if method == "ensemble":
            drawn = self._drawn_leading
            return spectrum_from_leading(drawn, n, self.radius, schedule)[:n_asked]
        if not self.is_symmetric:
            covariance = general.binned_covariance(self._matrix(), schedule)
            return ordered_spectrum(covariance)[:n_asked]
        if n_values is None:
            return spectrum_from_leading(self.eigenvalues.real, n, self.radius, schedule)
        leading = leading_eigenvalues(self.connectivity, n_asked)
        bulk_edge = 2 * math.sqrt(self.connectivity.mean_square())
        return spectrum_from_leading(leading, n, bulk_edge, schedule)[:n_asked]

    def covariance(
        self, bin_s: float = 0.046, *, burn_in_s: float = 8.0, n_bins: float = math.inf
    ) -> Float:
        """Covariance of binned activity, (n_neurons, n_neurons); arguments as of `spectrum`."""
        schedule = scheduled(self.tau_s, self.dt_s, bin_s, burn_in_s, n_bins)
        if not self.is_symmetric:
            return general.binned_covariance(self._matrix(), schedule)
        variances = modes.binned_variance(self.modes.values, schedule)
        return covariance_of_modes(self.modes.vectors, variances)

    def lagged_covariance(
        self,
        lag: int,
        bin_s: float = 0.046,
        *,
        burn_in_s: float = 8.0,
        n_bins: float = math.inf,
    ) -> Float:
        """Covariance of a bin (rows) with the bin `lag` before it (columns)."""
        schedule = scheduled(self.tau_s, self.dt_s, bin_s, burn_in_s, n_bins)
        if not self.is_symmetric:
            return general.lagged_covariance(self._matrix(), schedule, lag)
        lagged = modes.lagged_covariance(self.modes.values, schedule, lag)
        return covariance_of_modes(self.modes.vectors, lagged)

    def dmd_eigenvalues(
        self, lag: int = 5, bin_s: float = 0.046, ridge: float = 0.0
    ) -> NDArray[np.inexact]:
        """Eigenvalues of the lagged dynamics matrix of infinitely many bins, by falling modulus.

        Parameters
        ----------
        lag : int
            In bins.
        bin_s : float
        ridge : float
            In units of the mean variance.
        """
        schedule = scheduled(self.tau_s, self.dt_s, bin_s)
        if self.is_symmetric:
            return np.sort(modes.dmd_eigenvalues(self.eigenvalues, schedule, lag, ridge))[::-1]
        values = np.linalg.eigvals(general.dynamics_matrix(self._matrix(), schedule, lag, ridge))
        return values[np.argsort(-np.abs(values), kind="stable")]

    def timescales(self) -> Float:
        """Timescales of the modes in seconds, longest first: tau / (1 - Re lambda)."""
        return modes.timescales(self.eigenvalues.real, self.tau_s)

    def sample(
        self, n_bins: int, n_runs: int, bin_s: float = 0.046, *, burn_in_s: float = 8.0
    ) -> Recording:
        """Draw binned activity with exactly the law of `simulate`, without its steps.

        Parameters
        ----------
        n_bins : int
            Bins of every run.
        n_runs : int
            Independent runs from independent neurons of variance 1; a segment each.
        bin_s : float
        burn_in_s : float
            Thrown away at the start of every run; infinite: runs start at equilibrium.

        Raises
        ------
        InputError
            Impossible settings, more bins than memory.
        """
        schedule = self._finite_schedule(n_bins, n_runs, bin_s, burn_in_s)
        if not self.is_symmetric:
            bins = sample_network(self._matrix(), schedule, n_runs, self.seed)
            return self._recording(bins, bin_s, "sample")
        bins = sample_modes(self.modes.values, schedule, n_runs, self.seed)
        to_neurons = self.modes.vectors.T.astype(np.float32)
        for run in bins:
            run[:] = run @ to_neurons
        return self._recording(bins, bin_s, "sample")

    def simulate(
        self, n_bins: int, n_runs: int, bin_s: float = 0.046, *, burn_in_s: float = 8.0
    ) -> Recording:
        """Step the network through time; arguments as of `sample`. Slow, and the oracle of it.

        Raises
        ------
        InputError
            Impossible settings, more bins than memory.
        """
        schedule = self._finite_schedule(n_bins, n_runs, bin_s, burn_in_s)
        if math.isinf(burn_in_s):
            raise InputError("burn_in_s is infinite", remedy="Give seconds, or use sample")
        bins = simulate_euler(self.connectivity.to_array(), schedule, n_runs, self.seed)
        return self._recording(bins, bin_s, "simulate")

    def _matrix(self) -> Float:
        return self.connectivity.to_array().astype(np.float64)

    def _refuse_asymmetric(self, what: str) -> None:
        if not self.is_symmetric:
            raise InputError(
                f"{what} of a network with asymmetry {self.asymmetry:g}", remedy="Give asymmetry 0"
            )

    @cached_property
    def _drawn_leading(self) -> Float:
        """Leading eigenvalues of a draw from the ensemble, the largest of which is the radius."""
        self._refuse_asymmetric("the ensemble")
        if not isinstance(named_structure(self.structure), Dense):
            raise InputError(
                f"the ensemble of a network of structure {self.structure!r}",
                remedy="Give structure dense, or method exact",
            )
        values = ensemble_eigenvalues(self.n_neurons, min(self.n_neurons, _N_DRAWN), self.seed)
        return values * (self.radius / values[0])

    def _finite_schedule(
        self, n_bins: int, n_runs: int, bin_s: float, burn_in_s: float
    ) -> Schedule:
        check_runs(n_bins, n_runs)
        refuse_beyond_memory(4 * n_bins * n_runs * self.n_neurons + 28 * self.n_neurons**2)
        return scheduled(self.tau_s, self.dt_s, bin_s, burn_in_s, n_bins)

    def _recording(self, bins: NDArray[np.float32], bin_s: float, how: str) -> Recording:
        structure = named_structure(self.structure)
        settings = {name: value for name, value in asdict(self).items() if name != "structure"}
        step = {"step": f"{how} linear network", "structure": repr(structure), **settings}
        neurons = table_of_neurons(self.n_neurons, structure, self.seed)
        return recording_of_runs(bins, bin_s, neurons, step)
