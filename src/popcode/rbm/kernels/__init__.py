"""Compiled kernels: float32, no global state, the same bits whatever the number of threads.

Every kernel works on a fixed tile of chains or stripe of neurons and releases the interpreter's
lock; `popcode.threads` hands tiles to threads. No kernel is compiled with fastmath,
which would remove the checks for NaN; products and sums may contract.
"""
