"""How the numbers were made, and what they cannot say."""

from __future__ import annotations

from typing import Any

from popcode.report.blocks import Block, Bullets, Facts, Link, Section
from popcode.report.contents import RunContents
from popcode.report.numbers import DASH, whole

_PROTOCOL = {
    "seed": "seed of the samples",
    "n_chains": "chains",
    "burn_in": "Gibbs sweeps before the first sample",
    "thin": "Gibbs sweeps between samples",
    "n_train_bins": "training bins",
    "n_test_bins": "test bins",
    "n_neurons": "neurons",
}
_LIMITATIONS = (
    "Weights are symmetric: nothing is said of who drives whom.",
    "The model has no time: bins are judged one by one, and the traces of assemblies are smooth "
    "only as far as the data are.",
    "nLLH includes a neuron's own activity, which passes through the hidden units, too.",
    "Correlation is not causation: an assembly may be a common input, a movement or an artefact "
    "of the recording.",
    "Assemblies are found up to the training's random start: compare fits of several seeds before "
    "trusting a single one.",
)
_NLLH = _LIMITATIONS[2]
_OF_COMPOSITIONAL: tuple[Block, ...] = (
    Link(
        "Model, statistics, scores and the compositional phase follow van der Plas et al., "
        "Neural assemblies uncovered by generative modeling explain whole-brain activity "
        "statistics and reflect structural connectivity, eLife 12:e83139 (2023):",
        "https://doi.org/10.7554/eLife.83139",
        "doi.org/10.7554/eLife.83139",
    ),
    Bullets("What these numbers cannot say", _LIMITATIONS),
)
_OF_BERNOULLI: tuple[Block, ...] = (
    Link(
        "Persistent contrastive divergence along the centred gradient; a Bernoulli RBM of "
        "Neuropixels recordings follows Béreux et al. (2026):",
        "https://arxiv.org/abs/2603.11032",
        "arxiv.org/abs/2603.11032",
    ),
    Bullets(
        "What these numbers cannot say",
        (
            "Couplings are symmetric: nothing is said of who drives whom.",
            "The model has no time: bins are judged one by one.",
            _NLLH,
            "A coupling is no synapse: it may be a common input, a movement, or units of one "
            "probe that share noise.",
        ),
    ),
)


def method_section(contents: RunContents) -> Section:
    """Protocol, source of the method, limitations."""
    blocks: list[Block] = []
    if contents.metrics is not None:
        blocks.append(Facts(_protocol(contents.metrics)))
    is_bernoulli = contents.record.parameters.get("model") == "rbm"
    blocks += _OF_BERNOULLI if is_bernoulli else _OF_COMPOSITIONAL
    return Section("method", "How it was made", tuple(blocks))


def _protocol(metrics: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    protocol = metrics.get("protocol") or {}
    rows = [(label, whole(protocol[key])) for key, label in _PROTOCOL.items() if key in protocol]
    samples, pairs = metrics.get("n_samples"), metrics.get("n_pairs")
    return (
        *rows,
        ("samples of each model", whole(samples) if samples else DASH),
        ("pairs of neurons compared", whole(pairs) if pairs else DASH),
    )
