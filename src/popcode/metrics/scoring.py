"""How near a model's statistic comes to the test data's, between chance and the data's own limit.

van der Plas et al. 2023, Methods, "Calculating the normalized Root Mean Square Error". Data
statistics are those of the withheld test bins; the optimum is the RMSE of training against test.
One choice differs from the article, which shuffles the model's values and the test's: here both
ends of the scale come from the data alone (training against test, in place and shuffled). A model
whose covariances are all near 0 is then placed where its error puts it, and scores of different
models on the same recording can be compared: the same error is the same score.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
NAN = float("nan")


class StatisticScore(NamedTuple):
    """One statistic of a model against the test data; nan where it is not defined.

    Attributes
    ----------
    rmse : model against test
    rmse_optimal : training against test
    rmse_shuffled : training against test, both shuffled
    score : (rmse - rmse_shuffled) / (rmse_optimal - rmse_shuffled); 1 is optimal, 0 is shuffled
    nrmse : 1 - score
    pearson : correlation of model with test
    slope : least-squares slope of the model's values on the test's
    n : number of values
    """

    rmse: float
    rmse_optimal: float
    rmse_shuffled: float
    score: float
    nrmse: float
    pearson: float
    slope: float
    n: int


def score_statistic(model: Vector, test: Vector, train: Vector) -> StatisticScore:
    """Score one statistic of a model.

    Parameters
    ----------
    model, test, train : ndarray, shape (n_values,)
        The statistic of the model's samples, of the test bins and of the training bins.

    Returns
    -------
    StatisticScore
    """
    error, optimal = rmse(model, test), rmse(train, test)
    shuffled = shuffled_rmse(train, test)
    # A single value cannot be shuffled: its score would be 0 whatever the model does.
    score = normalised(error, optimal, shuffled) if len(test) > 1 else NAN
    pearson, slope = agreement(test, model)
    return StatisticScore(error, optimal, shuffled, score, 1 - score, pearson, slope, len(test))


def rmse(a: Vector, b: Vector) -> float:
    """Root mean square difference of two vectors; nan when they are empty.

    Parameters
    ----------
    a, b : ndarray, shape (n_values,)

    Returns
    -------
    float
    """
    return float(np.sqrt(np.mean((a - b) ** 2))) if a.size else NAN


def shuffled_rmse(a: Vector, b: Vector) -> float:
    """RMSE of two vectors whose entries are shuffled: the root of its mean square over all orders.

    Over all permutations the mean square difference is ``var a + var b + (mean a - mean b)^2``,
    so no permutation need be drawn and the value does not depend on a seed.

    Parameters
    ----------
    a, b : ndarray, shape (n_values,)

    Returns
    -------
    float
        nan when they are empty.
    """
    if not a.size:
        return NAN
    return float(np.sqrt(np.var(a) + np.var(b) + (np.mean(a) - np.mean(b)) ** 2))


def normalised(error: float, optimal: float, shuffled: float) -> float:
    """Place an error between shuffled (0) and optimal (1).

    Parameters
    ----------
    error, optimal, shuffled : float
        Root mean square errors.

    Returns
    -------
    float
        It can exceed 1; nan when optimal and shuffled are the same.
    """
    span = optimal - shuffled
    return (error - shuffled) / span if abs(span) > 1e-12 * abs(shuffled) else NAN


def agreement(x: Vector, y: Vector) -> tuple[float, float]:
    """Pearson correlation of two vectors and the slope of y on x.

    Parameters
    ----------
    x, y : ndarray, shape (n_values,)

    Returns
    -------
    pearson, slope : float
        nan when x does not vary; the correlation also when y does not.
    """
    if x.size < 2 or not np.ptp(x) > 0:
        return NAN, NAN
    dx, dy = x - x.mean(), y - y.mean()
    xx, xy, yy = dx @ dx, dx @ dy, dy @ dy
    varies = np.ptp(y) > 0 and xx * yy > 0
    return float(xy / np.sqrt(xx * yy)) if varies else NAN, float(xy / xx) if xx > 0 else NAN
