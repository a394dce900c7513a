"""Fit the polynomials of the table of networks to draws, and say how well they do."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from popcode.dynamics.verdict import table as table_of_networks
from popcode.dynamics.verdict.table import (
    DEGREE,
    DEGREE_SPREAD,
    IRREVERSIBILITY,
    N_STATISTICS,
    PERSISTENCE,
    Settings,
    Table,
    class_of,
    features,
    transformed,
)

RIDGE = 3e-3
N_FOLDS = 5
MOST_LEFT = 3.0  # of a transformed statistic, where a fold has no network near


def fit_table(paths: list[Path]) -> None:
    """Fit all draws, print the errors of a fit to four in five, and write the table."""
    rows = np.concatenate([np.load(path)["rows"] for path in paths])
    network = np.cumsum(np.concatenate([[True], (np.diff(rows[:, [0, 2]], axis=0) != 0).any(1)]))
    fold = network % N_FOLDS
    held = fold == 0
    report(fitted(rows[~held], fold[~held]), rows[held])
    table = fitted(rows, fold)
    path = Path(table_of_networks.__file__).with_name("networks.npz")
    np.savez_compressed(path, **{k: v.astype(np.float32) for k, v in table._asdict().items()})
    print(f"{len(rows):,} rows of {network.max():,} networks; {path.stat().st_size:,} bytes")


def settings_of(rows: np.ndarray) -> Settings:
    """The settings of draws."""
    return Settings(*rows[:, :5].T)


def weights_of(values: np.ndarray) -> np.ndarray:
    """Less weight where a statistic has nearly gone and nobody could measure it."""
    weights = np.where(np.isfinite(values), 1.0, 0.0)
    left = np.clip(values[:, PERSISTENCE], 1e-6, 1)
    weights[:, PERSISTENCE] *= np.clip(-left * np.log(left) / 0.02, 0.02, 1)
    weights[:, IRREVERSIBILITY] *= np.clip(left / 0.02, 0.0, 1)
    return weights


def fitted(rows: np.ndarray, fold: np.ndarray) -> Table:
    """Weighted ridge regressions: of the statistics, then of the log of what is left.

    What is left is that of networks which the polynomials were not fitted to: it holds the
    error of the table as well as the spread of networks.
    """
    settings, values = settings_of(rows), rows[:, 5:]
    weights, goal = weights_of(values), np.nan_to_num(transformed(values))
    inputs, of_spread = features(settings, DEGREE), features(settings, DEGREE_SPREAD)
    mean = regression(inputs, goal, weights)
    residual = np.empty_like(goal)
    for k in np.unique(fold):
        own = fold == k
        without = regression(inputs[~own], goal[~own], weights[~own])
        residual[own] = goal[own] - inputs[own] @ without
    residual = np.clip(residual, -MOST_LEFT, MOST_LEFT)
    log_size = np.log(np.abs(residual) + 1e-4)
    spread = regression(of_spread, log_size, weights)
    # From the mean of the log to a standard deviation whatever the shape.
    scale = np.sqrt(
        np.sum(weights * (residual / np.exp(of_spread @ spread)) ** 2, axis=0) / weights.sum(axis=0)
    )
    spread[constant_term(of_spread)] += np.log(scale)
    standard = residual / np.exp(of_spread @ spread) * np.sqrt(weights)
    standard = np.clip(standard, -4, 4)
    classes = class_of(settings)
    correlation = np.array([correlated(standard[classes == k]) for k in range(3)])
    return Table(mean, spread, correlation)


def correlated(standard: np.ndarray) -> np.ndarray:
    """Correlations of deviations, shrunk by a twentieth so that they can be inverted."""
    norms = np.sqrt((standard**2).mean(axis=0)) + 1e-9
    correlation = standard.T @ standard / len(standard) / norms / norms[:, None]
    np.fill_diagonal(correlation, 1)
    return 0.95 * correlation + 0.05 * np.eye(N_STATISTICS)


def constant_term(inputs: np.ndarray) -> int:
    """Column of ones."""
    return int(np.flatnonzero((inputs == 1).all(axis=0))[0])


def regression(inputs: np.ndarray, goal: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A ridge regression a column."""
    found = np.empty((inputs.shape[1], goal.shape[1]))
    for k in range(goal.shape[1]):
        weighted = inputs * weights[:, [k]]
        gram = weighted.T @ inputs + RIDGE * weights[:, k].sum() * np.eye(inputs.shape[1])
        found[:, k] = np.linalg.solve(gram, weighted.T @ goal[:, k])
    return found


def report(table: Table, rows: np.ndarray) -> None:
    """Errors of networks that were not fitted, and how they compare with the spread."""
    settings, values = settings_of(rows), rows[:, 5:]
    weights, goal = weights_of(values), np.nan_to_num(transformed(values))
    error = goal - features(settings, DEGREE) @ table.mean
    spread = np.exp(features(settings, DEGREE_SPREAD) @ table.log_spread)
    with np.printoptions(precision=3, suppress=True, linewidth=160):
        total = weights.sum(axis=0)
        print("error   ", np.sqrt((weights * error**2).sum(axis=0) / total))
        print("/ spread", np.sqrt((weights * (error / spread) ** 2).sum(axis=0) / total))
        large = rows[:, 2] > 500
        print("n > 500 ", np.sqrt((weights * (error / spread) ** 2)[large].sum(axis=0)
              / weights[large].sum(axis=0)))  # fmt: skip
