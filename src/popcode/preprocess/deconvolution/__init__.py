"""From fluorescence to spikes: blind sparse deconvolution."""

from popcode.preprocess.deconvolution.deconvolve import Deconvolution, deconvolve
from popcode.preprocess.deconvolution.kernel import KERNELS, Kernel
from popcode.preprocess.deconvolution.recordings import deconvolved

__all__ = ["KERNELS", "Deconvolution", "Kernel", "deconvolve", "deconvolved"]
