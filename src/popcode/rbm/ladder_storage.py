"""A ladder in a model file: its top is the model, the rungs below are kept beside it."""

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.ladder import Ladder
from popcode.rbm.parameters import Parameters
from popcode.rbm.potentials import Bernoulli
from popcode.rbm.storage import StoredModel

_NAMES = ("rung_weights", "rung_fields", "rung_theta")


def stored_with_ladder(
    estimator: str, settings: dict, ladder: Ladder, extra: dict[str, NDArray], facts: dict
) -> StoredModel:
    """A model file's content, with the ladder whose top is the model."""
    below = ladder.rungs[:-1]
    columns = zip(*((*rung[:2], rung.hidden.theta) for rung in below), strict=True)
    rungs = {name: np.stack(column) for name, column in zip(_NAMES, columns, strict=False)}
    known = {"rung_updates": list(ladder.updates), "log_partition": ladder.log_partition}
    return StoredModel(
        estimator,
        settings,
        ladder.rungs[-1],
        extra | rungs | {"chains": ladder.chains},
        facts | known,
    )


def ladder_of(stored: StoredModel) -> Ladder:
    """The ladder that `stored_with_ladder` was given."""
    below = zip(*(stored.extra[name] for name in _NAMES), strict=True)
    rungs = [Parameters(w, b, Bernoulli(theta)) for w, b, theta in below]
    return Ladder(
        (*rungs, stored.parameters),
        stored.extra["chains"],
        tuple(stored.facts["rung_updates"]),
        stored.facts["log_partition"],
    )
