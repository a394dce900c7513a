"""A Bernoulli RBM beside its rivals, on bins that none of them has seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from popcode.errors import InputError
from popcode.files import jsonable
from popcode.metrics.comparison import BURN_IN, N_CHAINS, THIN
from popcode.metrics.equilibrium.axes import compare_projections, histograms_of
from popcode.metrics.equilibrium.bins import Bins, bins_of
from popcode.metrics.equilibrium.covariances import compare_covariances, count_pairs
from popcode.metrics.equilibrium.draws import STEPS as STEPS_OF_DRAWS
from popcode.metrics.equilibrium.draws import Draws, draw_sets
from popcode.metrics.equilibrium.evidence import EquilibriumEvidence
from popcode.metrics.equilibrium.higher_order import compare_triplets
from popcode.metrics.equilibrium.likelihood import compare_likelihood, surprise_of
from popcode.metrics.equilibrium.models import Binary, EquilibriumModel, Rival, Values
from popcode.metrics.equilibrium.neighbours import compare_neighbours
from popcode.metrics.equilibrium.paths import N_CHAINS as N_PATHS
from popcode.metrics.equilibrium.paths import compare_relaxation
from popcode.metrics.equilibrium.populations import compare_populations
from popcode.metrics.equilibrium.predictions import compare_completion, complete_groups
from popcode.metrics.equilibrium.squares import squares_of
from popcode.metrics.equilibrium.surprises import compare_surprise, series_of
from popcode.metrics.triplets import N_BLOCKS, count_blocks, reference_of
from popcode.recording import Recording
from popcode.threads import Team

SECTIONS = (
    "comparison",
    "higher_order",
    "population_activity_rivals",
    "covariance_rivals",
    "projections",
    "adversarial_accuracy",
    "relaxation",
    "completion",
    "surprise",
)
# Numbers of a section, and the fields of the evidence behind them.
Part = tuple[dict[str, Any], dict[str, Any]]


class Equilibrium(NamedTuple):
    """A Bernoulli RBM judged beside its rivals.

    Attributes
    ----------
    metrics : dict
        Plain Python values, None where one is not defined: the sections `SECTIONS`, ``protocol``,
        and ``missing``: section -> why it is None.
    evidence : EquilibriumEvidence
        What stands behind them, to be drawn.
    """

    metrics: dict[str, Any]
    evidence: EquilibriumEvidence


def judge_equilibrium(
    model: EquilibriumModel,
    train: Recording,
    test: Recording,
    rivals: Mapping[str, Rival],
    seed: int,
    *,
    samples: Binary | None = None,
    tell: Callable[[str], None] = lambda _text: None,
) -> Equilibrium:
    """Judge a Bernoulli RBM on withheld bins, beside rivals and what bounds every model.

    Parameters
    ----------
    model : EquilibriumModel
        A fitted `popcode.BernoulliRBM`.
    train, test : Recording
        Binary; segments as `Recording.select` leaves them. The names of regions are taken from
        `train`.
    rivals : mapping of str to Rival
        Fitted to the training bins; "independent" among them.
    seed : int
    samples : ndarray of uint8, shape (n_samples, n_neurons), optional
        As :func:`popcode.metrics.compare`.
    tell : callable
        Called with a line before each long step.

    Returns
    -------
    Equilibrium

    Raises
    ------
    InputError
        Activity that is not binary, another number of neurons than the model, or no rival
        "independent".
    """
    if "independent" not in rivals:
        raise InputError(f"rivals are {list(rivals)}", remedy="Give one named independent")
    bins = bins_of(train, test, len(model.weights_))
    with Team() as team:
        draws = draw_sets(team, model, bins, rivals, seed, samples, tell)
        tell("partition function, and surprise of every bin")
        work = _work(team, model, bins, rivals, seed, draws)
        metrics: dict[str, Any] = {}
        parts: dict[str, Any] = {"population": _populations(draws)}
        missing: dict[str, str] = {}
        for name, (text, make) in work.items():
            tell(text)
            try:
                metrics[name], shown = make()
                parts |= shown
            except InputError as error:
                metrics[name], missing[name] = None, str(error)
    metrics |= {"missing": missing, "protocol": _protocol(bins, draws, seed)}
    return Equilibrium(jsonable(metrics), _evidence(parts))


def steps_of(n_rivals: int) -> int:
    """How many lines `judge_equilibrium` tells with so many rivals."""
    return STEPS_OF_DRAWS + n_rivals + 1 + len(SECTIONS)


def _work(
    team: Team,
    model: EquilibriumModel,
    bins: Bins,
    rivals: Mapping[str, Rival],
    seed: int,
    draws: Draws,
) -> dict[str, tuple[str, Callable[[], Part]]]:
    """Of each section what is told before it, and what makes its numbers and what is drawn."""
    log_z = model.log_partition()
    train, test = (surprise_of(model, x, log_z) for x in (bins.train, bins.test))
    samples = draws.free_energies + log_z.value
    makers: tuple[tuple[str, Callable[[], Part]], ...] = (
        (
            "log-likelihood beside the rivals",
            lambda: (compare_likelihood(test, log_z, bins, rivals, seed), {}),
        ),
        ("third moments", lambda: _higher_order(team, bins, draws)),
        ("population activity", lambda: _population_activity(bins, draws)),
        ("covariances", lambda: _covariances(bins, draws)),
        ("principal axes", lambda: _projections(draws, seed)),
        ("nearest neighbours", lambda: _neighbours(draws)),
        ("relaxation of single chains", lambda: _relaxation(model, bins, draws, seed)),
        ("held-out neurons", lambda: _completion(model, rivals, bins, seed)),
        ("surprise", lambda: _surprise(train, test, samples)),
    )
    return dict(zip(SECTIONS, makers, strict=True))


def _of_sets(draws: Draws, field: str) -> dict[str, Any]:
    return {name: getattr(each, field) for name, each in draws.sets.items()}


def _neighbours(draws: Draws) -> Part:
    """Without the perfect model, whose resampled bins have copies of themselves as neighbours."""
    others = {name: x for name, x in _of_sets(draws, "nearest").items() if name != "perfect"}
    return compare_neighbours(draws.test.nearest, others), {}


def _surprise(train: Values, test: Values, samples: Values) -> Part:
    shown = {"surprise": series_of(train, test, samples)}
    return compare_surprise(train, test, samples), shown


def _population_activity(bins: Bins, draws: Draws) -> Part:
    return compare_populations(bins.test, _of_sets(draws, "population")), {}


def _populations(draws: Draws) -> dict[str, Any]:
    return {"test": draws.test.population} | _of_sets(draws, "population")


def _higher_order(team: Team, bins: Bins, draws: Draws) -> Part:
    told, shown = {}, {}
    for which in ("random", "strongest"):
        counts = count_blocks(team, bins.test, getattr(draws.scope, which), N_BLOCKS)
        reference, moments = reference_of(counts), _of_sets(draws, which)
        told[which] = compare_triplets(reference, moments)
        shown[f"{which}_triplets"] = squares_of(reference.whole, moments)
    return told, shown


def _covariances(bins: Bins, draws: Draws) -> Part:
    counts = count_pairs(bins.test, draws.scope.pairs)
    sets = _of_sets(draws, "covariance")
    return compare_covariances(counts, sets, draws.n_samples, draws.expected), {}


def _projections(draws: Draws, seed: int) -> Part:
    coordinates = _of_sets(draws, "coordinates")
    told = compare_projections(draws.test.coordinates, coordinates, seed)
    shown = histograms_of({"test": draws.test.coordinates} | coordinates)
    return told, {"projections": shown}


def _relaxation(model: EquilibriumModel, bins: Bins, draws: Draws, seed: int) -> Part:
    told, curves = compare_relaxation(model, bins, draws.last[:N_PATHS], seed)
    return told, {"relaxation": curves}


def _completion(
    model: EquilibriumModel, rivals: Mapping[str, Rival], bins: Bins, seed: int
) -> Part:
    told, neuron_bits = compare_completion(model, rivals, bins, seed)
    groups = complete_groups(model, bins, seed)
    return {"single": told, "groups": groups}, {"neuron_bits": neuron_bits}


def _protocol(bins: Bins, draws: Draws, seed: int) -> dict[str, int]:
    return {
        "seed": seed,
        "n_samples": draws.n_samples,
        "n_chains": min(N_CHAINS, draws.n_samples),
        "burn_in": BURN_IN,
        "thin": THIN,
        "n_train_bins": len(bins.train),
        "n_test_bins": len(bins.test),
        "n_neurons": bins.n_neurons,
        "n_pairs": draws.test.covariance.size,
        "n_random_triplets": draws.test.random.size,
        "n_strongest_triplets": draws.test.strongest.size,
        "n_nearest": draws.scope.n_nearest,
    }


def _evidence(parts: dict[str, Any]) -> EquilibriumEvidence:
    """What a section could not make is None, or holds nothing."""
    nothing: dict[str, Any] = dict.fromkeys(EquilibriumEvidence._fields)
    return EquilibriumEvidence(**(nothing | {"neuron_bits": {}} | parts))
