"""From fluorescence to spikes: blind sparse deconvolution."""

from popcode.preprocess.deconvolution.kernel import KERNELS, Kernel
from popcode.preprocess.deconvolution.recordings import deconvolved
from popcode.preprocess.deconvolution.spikes import Deconvolution, deconvolve

__all__ = ["KERNELS", "Deconvolution", "Kernel", "deconvolve", "deconvolved"]
