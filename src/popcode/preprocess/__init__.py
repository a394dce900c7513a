"""From recordings to recordings: held-out parts, zeros and ones."""

from popcode.preprocess.split import split, split_indices
from popcode.preprocess.traces import TraceNoise, binarize_traces, trace_noise

__all__ = ["TraceNoise", "binarize_traces", "split", "split_indices", "trace_noise"]
