"""What memory a fit of a Bernoulli RBM and its evaluation take."""

from popcode.rbm.pcd.fitting import MOST_RUNG_CHAINS, MOST_RUNGS
from popcode.rbm.pcd.settings import BernoulliSettings
from popcode.rbm.pcd.watch import BINS_LOOKED_AT
from popcode.rbm.plan import FIXED, MemoryPlan, evaluation_memory

_FLOAT, _DOUBLE = 4, 8
# Sampled for the last test of the fit, and the rows of data it looks at.
_TEST_SAMPLES, _TEST_BINS = 10_000, 20_000


def memory_plan(
    n_bins: int,
    n_neurons: int,
    n_train: int,
    n_test: int,
    n_samples: int,
    settings: BernoulliSettings,
) -> MemoryPlan:
    """Work out the memory of a fit and of its evaluation; arguments as for the compositional."""
    n_hidden, n_weights = settings.n_hidden, n_neurons * settings.n_hidden
    state = 4 * _FLOAT * n_weights + settings.n_chains * n_neurons
    rung = _FLOAT * n_weights + min(settings.n_chains, MOST_RUNG_CHAINS) * n_neurons
    ladder = (MOST_RUNGS + 2) * rung + 2 * BINS_LOOKED_AT * n_neurons
    rows = settings.batch_size + settings.n_chains
    training = 3 * _FLOAT * rows * n_hidden + FIXED
    testing = (
        _TEST_SAMPLES * n_neurons
        + 4 * _DOUBLE * (min(n_train, _TEST_BINS) + _TEST_SAMPLES) * n_hidden
        + min(n_train, _TEST_BINS) * n_neurons
        + 6 * _DOUBLE * n_weights
        + FIXED
    )
    return MemoryPlan(
        recording=n_bins * n_neurons,
        state=2 * state + ladder,
        training=training,
        finishing=testing,
        evaluation=evaluation_memory(n_train, n_test, n_neurons, n_hidden, n_samples) + FIXED,
    )
