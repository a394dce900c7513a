"""Draws of hidden units against the density that integrates their own energy, in float32.

The samplers are told their random words, so that beside the usual statistics over pseudo-random
words they are tested without chance: given the half, |h| falls with the second word, and the
probability beyond it must be the word itself.
"""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binomtest, chisquare, combine_pvalues, kstest

from popcode.rbm.half_line import log_mills
from popcode.rbm.kernels.hidden import (
    constants_of,
    far_excess,
    sample_bernoulli,
    sample_drelu,
    sample_gaussian,
    sample_relu,
)
from popcode.rbm.potentials import Bernoulli, DReLU, Gaussian, ReLU

SAMPLERS = {
    Bernoulli: sample_bernoulli,
    DReLU: sample_drelu,
    Gaussian: sample_gaussian,
    ReLU: sample_relu,
}
N_DRAWS = 200_000
LOWEST, HIGHEST = np.uint32(0), np.uint32(2**32 - 1)


def unit(kind, *values):
    return kind(*(np.array([float(np.float32(value))]) for value in values))


# gamma, theta, delta, eta
DRELU = {
    "plain": unit(DReLU, 1, 0, 0, 0),
    "double well": unit(DReLU, 1.2, 0.5, -2, 0.4),
    "deep wells": unit(DReLU, 1, 0.3, -8, 0),
    "dead zone": unit(DReLU, 0.9, -0.3, 1.5, -0.6),
    "wide dead zone": unit(DReLU, 1, 0, 8, 0.1),
    "steep upper half": unit(DReLU, 1, 0.2, -0.5, -0.95),
    "flat upper half": unit(DReLU, 1, 0.2, 0.5, 0.95),
    "smallest gamma": unit(DReLU, 0.05, 0, -0.4, 0.3),
    "large gamma": unit(DReLU, 20, 1, 3, -0.5),
}
CONTINUOUS = {
    **{f"drelu {name}": potential for name, potential in DRELU.items()},
    "relu": unit(ReLU, 1.1, -0.4),
    "relu smallest gamma": unit(ReLU, 0.05, 2),
    "relu large gamma": unit(ReLU, 20, 3),
    "gaussian": unit(Gaussian, 1.3, 0.6),
    "gaussian smallest gamma": unit(Gaussian, 0.05, -1),
    "gaussian large gamma": unit(Gaussian, 20, 1),
}
INPUTS = (-50, -20, -6.5, -2, -0.5, 0, 0.75, 3, 9, 25, 50)


def draw(potential, inputs, first, second):
    """One unit in many chains, given its two random words."""
    first, second = np.broadcast_arrays(np.uint32(first), np.uint32(second))
    values = np.broadcast_to(np.float32(inputs), first.shape)[None].copy()
    h, scratch = np.full(values.shape, np.nan, np.float32), np.zeros_like(values)
    sampler = SAMPLERS[type(potential)]
    sampler(values, constants_of(potential), np.stack([first, second])[:, None], h, scratch)
    return h[0].astype(np.float64)


def random_words(seed, n=N_DRAWS):
    return np.random.default_rng(seed).integers(0, 2**32, (2, n), dtype=np.uint32)


def integrated(potential, inputs, n_panels=4000):
    """Edges, and the mass below and above each, of the density exp(I h - U(h) - Gamma(I)).

    Only the energy and the cumulant of the potential enter, so that a sampler that used the same
    wrong formulas as the rest would be found out.
    """
    nodes, node_weights = np.polynomial.legendre.leggauss(8)
    cumulant = potential.cumulant(np.array([float(inputs)]))

    def log_density(h):
        return inputs * h - potential.energy(h) - cumulant

    scales = np.logspace(-7, 5, 6001)
    candidates = np.concatenate([-scales[::-1], scales])
    height = log_density(candidates)
    edges = []
    for side in (candidates < 0, candidates > 0):
        kept = candidates[side & (height > height.max() - 50)]
        if kept.size:
            low, high = kept.min(), kept.max()
            low, high = (low, 0.0) if high < 0 and high > -1e-6 else (low, high)
            low, high = (0.0, high) if low > 0 and low < 1e-6 else (low, high)
            edges.append(np.linspace(low, high, n_panels + 1))
    edges = np.unique(np.concatenate(edges))
    widths = np.diff(edges)
    h = edges[:-1, None] + widths[:, None] * (nodes + 1) / 2
    mass = (np.exp(log_density(h.ravel())).reshape(h.shape) * node_weights).sum(1) * widths / 2
    assert abs(mass.sum() - 1) < 1e-7  # the energy, the cumulant and the grid agree
    below = np.concatenate([[0.0], np.cumsum(mass)])
    above = np.concatenate([np.cumsum(mass[::-1])[::-1], [0.0]])
    return edges, below, above


def cdf(potential, inputs):
    edges, below, _ = integrated(potential, inputs)
    return lambda h: np.interp(h, edges, below)


def p_value(draws, potential, inputs):
    # The asymptotic law of the statistic is exact to 1e-3 at this many draws.
    return max(kstest(draws, cdf(potential, inputs), method="asymp").pvalue, 1e-300)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_follow_the_integrated_density(name):
    potential, p_values = CONTINUOUS[name], []
    for k, inputs in enumerate(INPUTS):
        draws = draw(potential, inputs, *random_words((1, k)))
        assert np.isfinite(draws).all()
        p_values.append(p_value(draws, potential, inputs))
    assert combine_pvalues(p_values).pvalue > 1e-3, p_values


def test_binary_draws_follow_their_probability():
    p_values = []
    for k, (theta, inputs) in enumerate((t, i) for t in (0.0, -3.0, 1.5) for i in INPUTS):
        potential = unit(Bernoulli, theta)
        draws = draw(potential, inputs, *random_words((2, k)))
        assert set(np.unique(draws)) <= {0.0, 1.0}
        mean = potential.mean(np.array([float(inputs)]))[0]
        if N_DRAWS * min(mean, 1 - mean) > 20:
            expected = N_DRAWS * np.array([1 - mean, mean])
            p_values.append(chisquare([(draws == 0).sum(), (draws == 1).sum()], expected).pvalue)
        else:
            p_values.append(binomtest(int(draws.sum()), N_DRAWS, mean).pvalue)
    # Exact binomial p-values of rare events are conservative, so the lower side is what counts.
    assert combine_pvalues(p_values).pvalue > 1e-3, p_values


def wrong_sign(potential, inputs, words):
    return draw(potential, -inputs, *words)


def hot(potential, inputs, words):
    scaled = {field: 1.1 * getattr(potential, field) for field in potential._fields}
    if isinstance(potential, DReLU):
        scaled["eta"] = potential.eta
    return draw(potential._replace(**scaled), 1.1 * inputs, *words)


def mean_field(potential, inputs, words):
    return np.full(words.shape[1], potential.mean(np.array([float(inputs)]))[0])


def swapped_halves(potential, inputs, words):
    is_plus = draw(potential, inputs, *words) > 0
    up = draw(potential, inputs, LOWEST, words[1])
    down = draw(potential, inputs, HIGHEST, words[1])
    return np.where(is_plus, down, up)


MUTANTS = {"sign": wrong_sign, "temperature": hot, "mean field": mean_field}


@pytest.mark.parametrize("mutant", [*MUTANTS, "swapped halves"])
@pytest.mark.parametrize("name", ["drelu double well", "drelu dead zone", "relu", "gaussian"])
def test_wrong_samplers_are_caught(name, mutant):
    if mutant == "swapped halves" and not name.startswith("drelu"):
        pytest.skip("has one half only")
    make = MUTANTS.get(mutant, swapped_halves)
    potential = CONTINUOUS[name]
    p_values = [
        p_value(make(potential, inputs, random_words((3, k))), potential, inputs)
        for k, inputs in enumerate((-2.0, 0.75, 3.0))
    ]
    assert combine_pvalues(p_values).pvalue < 1e-6, p_values


@pytest.mark.parametrize("mutant", ["sign", "temperature"])
def test_wrong_binary_samplers_are_caught(mutant):
    potential, p_values = unit(Bernoulli, 0.5), []
    for k, inputs in enumerate((-1.0, 1.5, 2.5)):
        draws = MUTANTS[mutant](potential, inputs, random_words((4, k)))
        mean = potential.mean(np.array([inputs]))[0]
        p_values.append(max(binomtest(int(draws.sum()), N_DRAWS, mean).pvalue, 1e-300))
    assert combine_pvalues(p_values).pvalue < 1e-6


def half_words():
    """Second words over (0, 1): a dense grid and both extremes down to the last word."""
    edges = np.concatenate([np.arange(2000), np.logspace(3.5, 9.5, 3000)]).astype(np.uint32)
    return np.concatenate([np.linspace(0, 2**32 - 1, 50_001).astype(np.uint32), edges, ~edges])


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("name", [n for n in CONTINUOUS if not n.startswith("gaussian")])
def test_within_its_half_a_draw_is_the_quantile_of_its_word(name, inputs):
    """No chance: the mass of the half beyond |h| is the uniform number that drew it."""
    potential = CONTINUOUS[name]
    words = half_words()
    uniform = (words + 0.5) / 2**32
    for sign, choice in (
        ((1, LOWEST), (-1, HIGHEST)) if name.startswith("drelu") else ((1, LOWEST),)
    ):
        first = choice if name.startswith("drelu") else words
        magnitude = np.abs(draw(potential, inputs, first, words))
        if isinstance(potential, DReLU):
            _, _, log_plus, log_minus = potential._log_halves(np.array([float(inputs)]))
            # Uniforms reach down to 2^-33 but, in float32, only up to 1 - 2^-25.
            if sign * (log_plus - log_minus) < np.log(2**-32 if sign > 0 else 2**-23):
                continue  # no word chooses this half
        excess_mass = beyond(potential, sign, inputs, magnitude)
        # The inverse of the normal law is good to 3e-6, float32 near the threshold x to 5e-7 of
        # |x|; times the largest density of the distance above x, x itself (at most 6 here).
        np.testing.assert_allclose(excess_mass, uniform, atol=5e-5)
        order = np.argsort(words, kind="stable")
        assert (np.diff(magnitude[order]) <= 1e-4 * magnitude.max()).all()


def beyond(potential, sign, inputs, magnitude):
    """Share of the mass of a half that lies beyond a magnitude, in float64."""
    if isinstance(potential, DReLU):
        gamma_plus, gamma_minus, theta_plus, theta_minus = potential.halves()
        gamma, theta = (gamma_plus, theta_plus) if sign > 0 else (gamma_minus, theta_minus)
    else:
        gamma, theta = potential.gamma, potential.theta
    x = (theta - sign * inputs) / np.sqrt(gamma)
    s = magnitude * np.sqrt(gamma)
    return np.exp(log_mills(x + s) - log_mills(x) - s**2 / 2 - x * s)


@pytest.mark.parametrize("inputs", [-50, -5, 0.0, 0.25, 7, 50])
@pytest.mark.parametrize("gamma", [0.05, 1.0, 20.0])
def test_a_gaussian_draw_is_the_quantile_of_its_word(gamma, inputs):
    words = half_words()
    potential = unit(Gaussian, gamma, 0.5)
    draws = draw(potential, inputs, words, LOWEST)
    # From whichever end is nearer, so that the far tail of either side keeps its digits.
    is_low = words < 2**31
    tail = (np.where(is_low, words, ~words) + 0.5) / 2**32
    mean = potential.mean(np.array([float(inputs)]))
    expected = mean + np.where(is_low, -1, 1) * ndtri(tail) / -np.sqrt(potential.gamma)
    assert set(np.sign(draws - mean)[[words.argmin(), words.argmax()]]) == {-1, 1}
    np.testing.assert_allclose(
        np.abs(draws - mean),
        np.abs(expected - mean),
        # 3e-6 standard deviations of the inverse, and the rounding of the mean.
        atol=(4e-6 + 2e-7 * abs(inputs) / np.sqrt(gamma)) / np.sqrt(gamma),
    )


def chosen_share(potential, inputs):
    """Probability of the upper half as the sampler has it: the largest word that chooses it."""
    low, high = -1, 2**32 - 1  # invariant: word `low` chooses the upper half, word `high` does not
    second = np.full(1, 2**31, np.uint32)
    if draw(potential, inputs, np.full(1, HIGHEST), second)[0] > 0:
        return 1.0
    while high - low > 1:
        middle = (low + high) // 2
        if draw(potential, inputs, np.full(1, middle, np.uint32), second)[0] > 0:
            low = middle
        else:
            high = middle
    return (low + 1) / 2**32


@pytest.mark.parametrize("name", DRELU)
def test_the_half_is_chosen_with_its_probability(name):
    potential = DRELU[name]
    for inputs in np.float32([*INPUTS, *np.linspace(-8, 8, 33)]):
        _, _, log_plus, log_minus = potential._log_halves(np.array([float(inputs)]))
        truth = 1 / (1 + np.exp(np.minimum(log_minus - log_plus, 700)))[0]
        share = chosen_share(potential, inputs)
        # Near 1 the number, the sum of the odds and their product round by 2^-24 each; near 0
        # words resolve 2^-32. The odds are exact to the error of Mills'
        # ratio and to the rounding of x^2/2, 6e-8 of it, so in proportion to the rarer half.
        squares = max(0.5 * float(x[0]) ** 2 for x in potential._log_halves(np.array([inputs]))[:2])
        tolerance = (3e-6 + 3e-7 * squares) * truth * (1 - truth) + 3 * 2**-24 * truth + 2**-32
        assert abs(share - truth) < tolerance, (inputs, share, truth)


def test_a_half_without_mass_is_never_chosen():
    """Not even by the largest word, of which a fit meets 2e5."""
    words = half_words()
    for name, potential in DRELU.items():
        draws = draw(potential, 50.0, HIGHEST, words[:1000])
        _, _, log_plus, log_minus = potential._log_halves(np.array([50.0]))
        if log_minus - log_plus < -40:
            assert (draws >= 0).all(), name
    assert draw(unit(Bernoulli, 0), 50.0, np.full(1, HIGHEST), LOWEST)[0] == 1


@pytest.mark.parametrize("inputs", [-5, -6.001, -6.5, -10, -50, -1e3])
def test_a_rectified_unit_is_never_negative(inputs):
    # The largest words draw the smallest excess, which must not fall on the other side.
    words = ~np.arange(100_000, dtype=np.uint32)
    draws = draw(unit(ReLU, 1, 0), inputs, words, words)
    assert (draws >= 0).all(), draws.min()


@pytest.mark.parametrize("inputs", [1.5, 0.0, -1.0])
def test_a_draw_far_out_stays_on_its_half(inputs):
    # Both halves beyond the threshold of 6: the half was chosen by the first word alone.
    words = ~np.arange(100_000, dtype=np.uint32)
    potential = unit(DReLU, 1, 0, 9, 0)
    assert (draw(potential, inputs, LOWEST, words) >= 0).all()
    assert (draw(potential, inputs, HIGHEST, words) <= 0).all()


@pytest.mark.parametrize("kind", ["relu", "drelu up", "drelu down"])
def test_draws_are_continuous_where_the_far_tail_is_drawn_anew(kind):
    words = np.linspace(0, 2**32 - 1, 20_001).astype(np.uint32)
    nearer, farther = np.float32(6), np.nextafter(np.float32(6), np.float32(7))
    if kind == "relu":
        near, far = (draw(unit(ReLU, 1, 0), -x, words, words) for x in (nearer, farther))
    else:
        potential = unit(DReLU, 1, 0, 0, 0)
        choice, sign = (LOWEST, -1) if kind == "drelu up" else (HIGHEST, 1)
        near, far = (draw(potential, sign * x, choice, words) for x in (nearer, farther))
    # The inverse of the normal law is good to 3e-6 and float32 at 6 to 5e-7, twice.
    np.testing.assert_allclose(near, far, atol=5e-6)


@pytest.mark.parametrize("x", [6.0, 6.5, 10.0, 100.0, 1e4, 1e6])
def test_far_excess_solves_its_equation(x):
    for u in np.concatenate([np.logspace(np.log10(2**-33), 0, 400), 1 - np.logspace(-8, -1, 50)]):
        s = far_excess(x, u)
        # Evaluated in terms whose cancellation is 1e-16 of x s; the stated error of log Mills is
        # 1e-8, here twice.
        residual = s * s / 2 + x * s + log_mills(x) - log_mills(x + s) + np.log(u)
        assert s >= 0
        assert abs(residual) < 2e-8 * (1 + abs(np.log(u))), (x, u)


def test_everything_is_finite_for_any_word_and_any_input():
    inputs = np.concatenate([np.linspace(-50, 50, 401), [-1e4, -1e3, 1e3, 1e4]]).astype(np.float32)
    corners = np.array([0, 1, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1], np.uint32)
    values, first, second = (a.ravel() for a in np.meshgrid(inputs, corners, corners))
    for name, potential in CONTINUOUS.items():
        draws = draw(potential, values, first, second)
        assert np.isfinite(draws).all(), name
        if name.startswith("relu"):
            assert (draws >= 0).all(), name
