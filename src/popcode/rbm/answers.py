"""What a fitted Bernoulli RBM answers: how likely bins are, and which neurons act on which."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from popcode.errors import InputError
from popcode.estimators.activity import checked_activity
from popcode.rbm.effective import Couplings, effective_couplings, effective_fields
from popcode.rbm.ladder import Ladder
from popcode.rbm.likelihood.bracket import bracketed_log_partition
from popcode.rbm.likelihood.estimates import LogPartition
from popcode.rbm.likelihood.exact import exact_log_partition
from popcode.rbm.predictions import Predictions
from popcode.rbm.tempering.partition import tempered_log_partition


class Answers(Predictions):
    """Likelihood and couplings of a model that keeps its ladder and the training's means."""

    hidden_fields_: NDArray[np.float64]
    mean_activity_: NDArray[np.float32]
    ladder_: Ladder

    def log_partition(self, method: str = "ais") -> LogPartition:
        """Ln Z with its standard error.

        Parameters
        ----------
        method : {"ais", "ladder", "exact"}
            Annealed importance sampling in both directions; Bennett's ratios along the ladder of
            the training; enumeration of the smaller layer, up to 24 units.

        Raises
        ------
        InputError
            An unknown method, or too many units to enumerate.
        """
        parameters = self.parameters_
        if method == "exact":
            return LogPartition(exact_log_partition(parameters), 0.0, float("inf"), 0, 0)
        if method == "ladder":
            found = tempered_log_partition(self.ladder_, self.seed)
            n_rungs, n_chains = self.ladder_.chains.shape[:2]
            value, error = float(found.values[-1]), float(found.standard_errors[-1])
            return LogPartition(value, error, float(n_chains), n_chains, n_rungs)
        if method == "ais":
            states = self.ladder_.chains[-1]
            base = self.ladder_.rungs[0].fields
            return bracketed_log_partition(parameters, base, states, self.seed).combined
        raise InputError(f"method is {method!r}", remedy="It must be ais, ladder or exact")

    def log_likelihood(self, x: Any, method: str = "ais") -> tuple[float, float]:
        """Mean log-likelihood of bins in nats, and the standard error of ln Z.

        Parameters
        ----------
        x : Recording or array_like, (n_bins, n_neurons)
        method : {"ais", "ladder", "exact"}
            As in `log_partition`.
        """
        energies, found = self.free_energy(x), self.log_partition(method)
        return float(-energies.mean() - found.value), found.standard_error

    def score_samples(self, x: Any, method: str = "ais") -> NDArray[np.float64]:
        """Log-likelihood of every bin in nats, (n_bins,); an error of ln Z moves all alike."""
        return -self.free_energy(x) - self.log_partition(method).value

    def couplings(self, background: str = "rates", *, rows: Any = None) -> NDArray[np.float64]:
        """Effective couplings of all pairs in nats, (n_neurons, n_neurons).

        What two neurons active together add to log P beyond what each adds alone (the mixed
        difference in {0, 1}), averaged over a background of all others. `effective_couplings`
        of `popcode.rbm.effective` also tells the error, and `effective_tuples` triplets.

        Parameters
        ----------
        background : {"rates", "silent", "uniform", "data"}
            The others: independent with their rates; silent; active half of the time (4 J of the
            Ising model); as in `rows`.
        rows : Recording or array_like, (n_bins, n_neurons), optional
            For "data".

        Raises
        ------
        InputError
        """
        return self.effective_couplings(background, rows=rows).matrix

    def effective_couplings(self, background: str = "rates", *, rows: Any = None) -> Couplings:
        """As `couplings`, with the error of the sum over all pairs at once."""
        parameters, rows = self.parameters_, None if rows is None else checked_activity(self, rows)
        return effective_couplings(
            parameters.weights,
            self.hidden_fields_,
            background,
            rates=self.mean_activity_,
            rows=rows,
        )

    def effective_fields(
        self, background: str = "rates", *, rows: Any = None
    ) -> NDArray[np.float64]:
        """Log odds of every neuron on a background, (n_neurons,); arguments as `couplings`."""
        parameters, rows = self.parameters_, None if rows is None else checked_activity(self, rows)
        return effective_fields(
            parameters.weights,
            parameters.fields,
            self.hidden_fields_,
            background,
            rates=self.mean_activity_,
            rows=rows,
        )
