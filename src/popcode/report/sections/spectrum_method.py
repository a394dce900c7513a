"""How the spectrum, the dynamics and the verdict were found, for a methods section."""

from __future__ import annotations

from popcode.report.blocks import Bullets, Section

_SPECTRA = (
    "Neurons are standardised. svca2: singular values of the covariance between two halves of the "
    "neurons (a checkerboard or sections by place, else a coin a neuron), all bins. svca: the same "
    "on held-out stretches of time. Direct: eigenvalues of the correlation matrix, with the noise "
    "of single neurons. cvpca: variance on other stretches of time along principal components.",
    "Exponent: weighted least squares of log value on log rank, weights 1 / rank.",
    "Nothing that looks at time crosses the end of a segment.",
)
_VERDICT = (
    "Compared are, of the covariance C(l) between halves of the neurons at lag l with the "
    "population's mean taken out: the leading singular values of C(0) over its norm; |C(l)|² over "
    "|C(0)|²; and the antisymmetric share of C(l). Squares multiply different pieces of time, so "
    "that noise averages to nothing; singular values are freed of the noise of finitely many bins "
    "(Benaych-Georges and Nadakuditi 2012), and left out within it.",
    "The theory is the exact stationary law of tau dx/dt = -x + A x + noise in bins, A dense and "
    "random with partial symmetry, observed in part; tabulated by polynomials in asymmetry, "
    "radius, sizes and bin width fitted to exact networks of 64 to 1,300 neurons, most of them "
    "below 400 (symmetric ones to 12,000), and carried on to larger ones.",
    "Likelihood: Gaussian, with the covariance between networks of the same settings plus a "
    "jackknife over pieces of time; intervals by the profile.",
    "Source: Pachitariu et al., A critical initialization for biological neural networks, Nature "
    "655, 990-996 (2026). The fit of the theory to a recording is popcode's own.",
)


def method_section() -> Section:
    """Definitions in words."""
    return Section(
        "method",
        "How it was done",
        (Bullets("Spectra and dynamics", _SPECTRA), Bullets("The verdict", _VERDICT)),
    )
