"""The parts of a spectrum run: each from the recording to plain values for its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from popcode.cli.console import tell
from popcode.cli.spectrum_options import SpectrumOptions
from popcode.errors import InputError

if TYPE_CHECKING:
    from popcode.dynamics.spectra.measure import Method
    from popcode.recording import Recording

Found = dict[str, Any]
METHODS: tuple[Method, ...] = ("svca2", "svca", "direct", "cvpca")
N_RESAMPLES, N_CONTROLS = 20, 5
CURVE = 1000  # values of a spectrum that are kept
DMD_LAG, DMD_COMPONENTS, DMD_RESAMPLES = 5, 200, 50
RIDGE_OF_SPIKES, RIDGE = 0.1, 0.01
EARLY_LAGS, N_LAGS, N_SHOWN = (4, 6), 100, 6
Z_95 = 1.959964
MOST_NEGATIVE = 0.1  # of the values that a power law is fitted to


def usable(recording: Recording, path: str) -> Recording:
    """The recording without neurons that never change, which have no variance to share.

    Raises
    ------
    InputError
        Fewer than four neurons that change.
    """
    import numpy as np

    activity = recording.activity
    changes = (activity != activity[0]).any(axis=0)
    n_left_out = int(np.count_nonzero(~changes))
    if changes.sum() < 4:
        raise InputError(
            f"{int(changes.sum())} of {changes.size:,} neurons change",
            where=path,
            remedy="A spectrum needs many neurons",
        )
    if n_left_out:
        tell(f"note: {n_left_out:,} of {changes.size:,} neurons never change and were left out")
    return recording.select(neurons=changes) if n_left_out else recording


def exponent_part(method: Method, recording: Recording, options: SpectrumOptions) -> Found:
    """A spectrum, its exponent and the interval of that."""
    import numpy as np

    from popcode.dynamics.power_law import fit_power_law
    from popcode.dynamics.resampled_exponents import exponent_interval
    from popcode.dynamics.spectra import spectrum

    found = spectrum(recording, method, seed=options.seed)
    law = fit_power_law(found.values, options.ranks)
    _refuse_negative(law)
    interval = exponent_interval(
        recording, method, ranks=law.ranks, n_resamples=N_RESAMPLES, seed=options.seed
    )
    return {
        "value": law.exponent,
        "low": interval.low,
        "high": interval.high,
        "ranks": law.ranks,
        "r_squared": law.r_squared,
        "intercept": law.intercept,
        "n_negative": law.n_negative,
        "n_neurons": found.n_neurons,
        "n_bins": found.n_bins,
        "division": found.division,
        "curve": np.asarray(found.values[:CURVE]),
    }


def _refuse_negative(law: Any) -> None:
    n_ranks = law.ranks[1] - law.ranks[0] + 1
    if law.n_negative > MOST_NEGATIVE * n_ranks:
        raise InputError(
            f"{law.n_negative} of {n_ranks} values at ranks {law.ranks[0]} to {law.ranks[1]} are "
            "negative: no reliable variance is left there",
            remedy="Give earlier ranks, or a longer recording",
        )


def shuffled_part(recording: Recording, options: SpectrumOptions) -> Found:
    """The same of neurons shifted out of step, several times over."""
    import numpy as np

    from popcode.dynamics.power_law import fit_power_law
    from popcode.dynamics.shifted import shifted_recording
    from popcode.dynamics.spectra import spectrum

    controls = (
        shifted_recording(recording, seed=seed)
        for seed in range(options.seed, options.seed + N_CONTROLS)
    )
    curves = np.array([spectrum(each, "svca2", seed=options.seed).values for each in controls])
    laws = [fit_power_law(curve, options.ranks) for curve in curves]
    exponents = np.array([law.exponent for law in laws])
    spread = Z_95 * exponents.std(ddof=1)
    return {
        "value": exponents.mean(),
        "low": exponents.mean() - spread,
        "high": exponents.mean() + spread,
        "ranks": laws[0].ranks,
        "n_controls": N_CONTROLS,
        "curve": np.exp(np.log(np.maximum(curves, 1e-300)).mean(axis=0))[:CURVE],
    }


def timescales_part(recording: Recording, options: SpectrumOptions) -> Found:
    """Timescales of the components that two halves of the neurons share."""
    from popcode.dynamics.timescales import component_timescales

    found = component_timescales(recording, n_lags=N_LAGS, early_lags=EARLY_LAGS, seed=options.seed)
    told = [k for k, is_told in enumerate(found.correlated) if is_told]
    shown = told[:: max(1, len(told) // N_SHOWN)][:N_SHOWN]
    content = {name: value for name, value in found._asdict().items() if name != "correlograms"}
    content["shown"] = [k + 1 for k in shown]
    content["correlograms"] = [found.correlograms[k] for k in shown]
    content["bin_s"] = recording.bin_s
    return content


def dmd_part(recording: Recording, options: SpectrumOptions) -> Found:
    """Eigenvalues of the dynamics, their rotations, and the asymmetry of time."""
    from popcode.dynamics.dmd import dmd, dmd_intervals, lagged_asymmetry

    ridge = RIDGE_OF_SPIKES if recording.kind in ("counts", "binary") else RIDGE
    fitted = dmd(recording, DMD_LAG, DMD_COMPONENTS, ridge, seed=options.seed)
    found = dmd_intervals(recording, fitted, n_resamples=DMD_RESAMPLES, seed=options.seed)
    asymmetry = lagged_asymmetry(recording, fitted, seed=options.seed)
    return {
        "lag": fitted.lag,
        "lag_s": fitted.lag_s,
        "ridge": ridge,
        "n_components": fitted.eigenvalues.size,
        "n_pairs": fitted.n_pairs,
        "eigenvalues": [[z.real, z.imag] for z in fitted.eigenvalues.tolist()],
        "controls": _control_eigenvalues(recording, fitted, options.seed),
        **{name: _plain(value) for name, value in found._asdict().items()},
        "asymmetry": asymmetry._asdict(),
    }


def _plain(value: Any) -> Any:
    return dict(value._asdict()) if hasattr(value, "_asdict") else value


def _control_eigenvalues(recording: Recording, fitted: Any, seed: int) -> dict[str, Any]:
    """The same fit to bins in random order, and to neurons shifted out of step."""
    import numpy as np

    from popcode.dynamics.dmd import dmd
    from popcode.dynamics.shifted import shifted_recording

    rng = np.random.default_rng((seed, 0xD5))
    order = rng.permutation(recording.n_bins)
    settings = (fitted.lag, fitted.eigenvalues.size, fitted.ridge)
    shuffled = dmd(recording.activity[order], *settings, seed=seed)
    shifted = dmd(shifted_recording(recording, seed=seed), *settings, seed=seed)
    return {
        name: [[z.real, z.imag] for z in each.eigenvalues.tolist()]
        for name, each in (("shuffled", shuffled), ("shifted", shifted))
    }


def widths_part(recording: Recording, options: SpectrumOptions) -> Found:
    """Exponents of the spectrum against the width of the bins."""
    from popcode.dynamics.bin_widths import BINS_BEYOND_RANKS, WIDTHS, spectra_by_bin_width

    first, last = _ranks_of_widths(recording, options)
    kept = [width for width in WIDTHS if recording.n_bins // width >= last + BINS_BEYOND_RANKS]
    found = spectra_by_bin_width(
        recording, kept or WIDTHS[:1], "svca2", ranks=(first, last), seed=options.seed
    )
    return {
        "widths": [each.n_merged for each in found],
        "bin_s": [each.bin_s for each in found],
        "n_bins": [each.n_bins for each in found],
        "exponents": [each.power_law.exponent for each in found],
        "ranks": (first, last),
    }


def _ranks_of_widths(recording: Recording, options: SpectrumOptions) -> tuple[int, int]:
    """The same at every width: up to half of the values there are, and a tenth of the bins."""
    first, last = options.ranks
    return first, max(first + 4, min(last, recording.n_neurons // 4, recording.n_bins // 10))


def verdict_part(recording: Recording, options: SpectrumOptions) -> Found:
    """The random linear network that fits best."""
    from popcode.dynamics.bin_widths import WIDTHS
    from popcode.dynamics.verdict import exponents_of_widths, judged

    found = judged(recording, n_neurons=options.network_neurons, seed=options.seed)
    fits = [each for each in found["fits"] if each["fits"]]
    if fits:
        ranks = _ranks_of_widths(recording, options)
        found["curves"] = {
            "widths": WIDTHS,
            "exponents": exponents_of_widths(
                fits[0], found["n_observed"], recording.bin_s, WIDTHS, ranks, options.seed
            ),
        }
    return found


Part = Callable[["Recording", SpectrumOptions], Found]
PARTS: Mapping[str, Part] = {
    **{method: partial(exponent_part, method) for method in METHODS},
    "shuffled": shuffled_part,
    "timescales": timescales_part,
    "dmd": dmd_part,
    "bin_widths": widths_part,
    "verdict": verdict_part,
}
