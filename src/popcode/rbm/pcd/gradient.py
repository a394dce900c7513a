"""The centred gradient of the log-likelihood: the float64 oracle of the compiled update.

Variables are taken relative to their means over the data, which decouples the weights from the
fields. Melchior, Fischer and Wiskott, J. Mach. Learn. Res. 17 (99), 2016.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from popcode.rbm.parameters import Parameters, mean_hidden

Float = NDArray[np.float64]


class CentredGradient(NamedTuple):
    """Ascent directions of the centred parameters, and the origin that they are relative to.

    A step dW moves the fields by -dW hidden_offset and the hidden fields by -dW^T visible_offset,
    so that the mean inputs stay where they are.

    Attributes
    ----------
    weights : ndarray, (n_neurons, n_hidden)
    fields : ndarray, (n_neurons,)
    hidden_fields : ndarray, (n_hidden,)
    visible_offset : ndarray, (n_neurons,)
    hidden_offset : ndarray, (n_hidden,)
    """

    weights: Float
    fields: Float
    hidden_fields: Float
    visible_offset: Float
    hidden_offset: Float

    def plain(self) -> tuple[Float, Float, Float]:
        """Ascent directions of weights, fields and hidden fields, the shifts added."""
        return (
            self.weights,
            self.fields - self.weights @ self.hidden_offset,
            self.hidden_fields - self.weights.T @ self.visible_offset,
        )


def centred_gradient(
    parameters: Parameters,
    data: NDArray,
    chains: NDArray,
    data_weights: NDArray | None = None,
    chain_weights: NDArray | None = None,
) -> CentredGradient:
    """Work out the centred gradient from rows of data and of chains, with hidden means.

    The hidden means of the chains are those of their final states: means of the states before
    would bias the gradient.

    Parameters
    ----------
    parameters : Parameters
        With binary hidden units.
    data, chains : ndarray, (n_rows, n_neurons)
        Binary.
    data_weights, chain_weights : ndarray, (n_rows,), optional
        Of the rows; by default all alike.
    """
    data_share, chain_share = _shares(data, data_weights), _shares(chains, chain_weights)
    data_hidden, chain_hidden = mean_hidden(parameters, data), mean_hidden(parameters, chains)
    visible_offset, hidden_offset = data_share @ data, data_share @ data_hidden
    positive, negative = (
        ((states - visible_offset) * share[:, None]).T @ (hidden - hidden_offset)
        for states, hidden, share in (
            (data, data_hidden, data_share),
            (chains, chain_hidden, chain_share),
        )
    )
    return CentredGradient(
        positive - negative,
        visible_offset - chain_share @ chains,
        hidden_offset - chain_share @ chain_hidden,
        visible_offset,
        hidden_offset,
    )


def _shares(rows: NDArray, weights: NDArray | None) -> Float:
    weights = np.ones(len(rows)) if weights is None else np.asarray(weights, np.float64)
    return weights / weights.sum()
