"""From recordings to recordings: held-out parts, zeros and ones, smoothing, epochs, shuffles."""

from popcode.preprocess.atlas import best_reflection, labels_of_neurons, region_of_neurons
from popcode.preprocess.deconvolution import (
    KERNELS,
    Deconvolution,
    Kernel,
    deconvolve,
    deconvolved,
)
from popcode.preprocess.epochs import restrict
from popcode.preprocess.fluorescence import align_planes, dff, running_baseline
from popcode.preprocess.normalize import zscored
from popcode.preprocess.rates import drop_below_rate, drop_silent
from popcode.preprocess.regions import drop_unlabelled, select_regions, with_regions
from popcode.preprocess.shuffles import circular_shifts, shift_halves, shuffle_rows
from popcode.preprocess.smooth import smoothed
from popcode.preprocess.split import split, split_indices
from popcode.preprocess.thresholds import binarize_quantile, binarize_threshold, binarize_zscore
from popcode.preprocess.traces import TraceNoise, binarize_traces, trace_noise

__all__ = [
    "KERNELS",
    "Deconvolution",
    "Kernel",
    "TraceNoise",
    "align_planes",
    "best_reflection",
    "binarize_quantile",
    "binarize_threshold",
    "binarize_traces",
    "binarize_zscore",
    "circular_shifts",
    "deconvolve",
    "deconvolved",
    "dff",
    "drop_below_rate",
    "drop_silent",
    "drop_unlabelled",
    "labels_of_neurons",
    "region_of_neurons",
    "restrict",
    "running_baseline",
    "select_regions",
    "shift_halves",
    "shuffle_rows",
    "smoothed",
    "split",
    "split_indices",
    "trace_noise",
    "with_regions",
    "zscored",
]
