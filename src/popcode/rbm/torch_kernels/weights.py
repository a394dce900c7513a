"""The passes over the weights: inputs, the draw of the neurons, and the update, in torch.

All go through the neurons in wide blocks, so that temporaries stay small beside the weights of a
million neurons, and a recording of thousands of neurons is one block, a few large products.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from popcode.rbm.kernels.update import TREND_SHARE

# At 200 hidden units a float32 temporary of one block takes 52 MB.
NEURONS_PER_BLOCK = 2**16


def blocks(n_neurons: int) -> Iterator[slice]:
    """Consecutive stretches of neurons, all but the last of the same fixed size."""
    for start in range(0, n_neurons, NEURONS_PER_BLOCK):
        yield slice(start, min(start + NEURONS_PER_BLOCK, n_neurons))


def _tf32_flag() -> tuple[str, bool | str]:
    """Name of the flag that the program around us sets, and its value for full precision.

    PyTorch 2.9 has a second flag. Setting the old one sets both; once the new one was set alone,
    reading the old one fails, and a product that finds them at odds does too.
    """
    try:
        torch.backends.cuda.matmul.allow_tf32  # noqa: B018  (reading it is the test)
    except RuntimeError:
        return "fp32_precision", "ieee"
    return "allow_tf32", False


@contextmanager
def full_float32() -> Iterator[None]:
    """Products of float32 as such, where the program around us has asked for TF32.

    TF32 keeps ten bits, another law to sample. PyTorch has only process-wide flags for it; by
    default it is off and nothing is touched, otherwise the flag is put back on leaving.
    """
    flags = torch.backends.cuda.matmul
    name, exact = _tf32_flag()
    before = getattr(flags, name)
    if before == exact:
        yield
        return
    setattr(flags, name, exact)
    try:
        yield
    finally:
        setattr(flags, name, before)


def inputs_of(weights: Tensor, states: Tensor) -> Tensor:
    """Inputs of the hidden layer, (n_rows, n_hidden) float32, for states (n_rows, n_neurons)."""
    inputs = weights.new_zeros(len(states), weights.shape[1])
    for block in blocks(len(weights)):
        inputs.addmm_(states[:, block].float(), weights[block])
    return inputs


def draw_visible(
    weights: Tensor, fields: Tensor, hidden: Tensor, states: Tensor, generator: torch.Generator
) -> Tensor:
    """Draw every neuron given the hidden units, and add up the next inputs of the hidden layer.

    Parameters
    ----------
    weights : Tensor of float32, (n_neurons, n_hidden)
    fields : Tensor of float32, (n_neurons,)
    hidden : Tensor of float32, (n_chains, n_hidden)
    states : Tensor of uint8, (n_chains, n_neurons)
        Overwritten.
    generator : torch.Generator
        Advanced.

    Returns
    -------
    Tensor of float32, (n_chains, n_hidden)
        states @ weights.
    """
    inputs = torch.zeros_like(hidden)
    for block in blocks(len(weights)):
        p = torch.addmm(fields[block], hidden, weights[block].T).sigmoid_()
        fired = torch.rand(p.shape, device=p.device, generator=generator) < p
        states[:, block] = fired
        inputs.addmm_(fired.float(), weights[block])
    return inputs


def step_weights(
    weights: Tensor,
    squares: Tensor,
    trend: Tensor,
    gradient: Tensor,
    decay: float,
    rate: float,
    epsilon: float,
    correction: float,
    l1: float,
) -> None:
    """RMSprop step and soft threshold (the proximal step of the penalty), in place.

    Both use the step that RMSprop gives the weight, so that the fixed point is the penalised
    optimum. A weight that has come to zero leaves it only when the running mean of its gradient,
    `trend`, exceeds the penalty (see `popcode.rbm.kernels.update`). `gradient` is overwritten;
    arrays are float32, (n_neurons, n_hidden).
    """
    trend.add_(gradient - trend, alpha=float(TREND_SHARE))
    stays_absent = (weights == 0) & (trend.abs() <= l1)
    gradient.clamp_(-1, 1)
    squares.mul_(decay).addcmul_(gradient, gradient, value=1 - decay)
    step = rate / (squares * correction).sqrt_().add_(epsilon)
    moved = weights + step * gradient
    kept = (moved.abs() - step.mul_(l1)).clamp_(min=0).mul_(moved.sign())
    weights.copy_(kept.masked_fill_(stays_absent, 0))
