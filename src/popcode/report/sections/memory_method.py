"""How networks, tasks and decoders of a memory run are defined, for a methods section."""

from __future__ import annotations

from popcode.report.blocks import Bullets, Section

_NETWORKS = (
    "Linear symmetric and non-symmetric: tau dx/dt = -x + A x + noise + input in Euler steps, A "
    "dense and random, scaled so that the largest real part of its eigenvalues is the radius.",
    "Echo-state: a tenth of the links, independent in both directions, activity cut off at zero in "
    "every step. The published gain after the same scaling is 1.35; of a few thousand neurons some "
    "networks grow without bound at it. Each has here the gain, near 1.35, at which it decays as "
    "large networks of gain 1.35 do (0.04 / tau).",
    "The read-outs of linear networks are drawn from their exact law without steps: in its "
    "eigenvectors for a symmetric network, by powers of the matrix for another. The echo-state "
    "network is stepped.",
    "The symmetric network needs no matrix and has its full size; the others are smaller, and a "
    "symmetric network of their size stands beside them. Compare networks of the same size: more "
    "neurons carry more of a random pattern.",
)
_PROTOCOL = (
    "Steps of 2 ms with noise of standard deviation 0.1 at a time constant of 20 ms (in proportion "
    "to its square root otherwise); a stimulus adds 0.25 times a pattern of unit variance over "
    "neurons for 50 ms. 40 independent runs from equilibrium, 50 stimuli every 3 s (aligned "
    "patterns: 15 every 9 s).",
    "Read-outs are sums over 100 ms, every 120 ms (50 overlapping ones in the article), z-scored "
    "over neurons, trial by trial.",
    "Aligned patterns lie in the 100 leading eigenvectors of the covariance without stimuli: that "
    "of infinitely long runs for linear networks, of 40 runs of 7 s for echo-state networks.",
)
_DECODERS = (
    "Trained on one half of the runs and tried on the other, both ways: no trial is decoded with "
    "one that shares its noise or its past.",
    "Two patterns: the nearest mean read-out. New patterns: ridge regression (penalty 10 for "
    "10,000 neurons, in proportion to their number) from read-out to pattern; right if its own "
    "pattern is the nearest among all of its half.",
    "Source: Pachitariu et al., A critical initialization for biological neural networks, Nature "
    "655, 990-996 (2026), figure 5.",
)


def method_section() -> Section:
    """Definitions in words."""
    return Section(
        "method",
        "How it was done",
        (
            Bullets("Networks", _NETWORKS),
            Bullets("Protocol", _PROTOCOL),
            Bullets("Decoders", _DECODERS),
        ),
    )
