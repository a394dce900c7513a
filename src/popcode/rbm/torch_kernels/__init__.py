"""What the torch backend computes on its device: draws in float32, moments in float64.

Each module mirrors one of `popcode.rbm.kernels`. Nothing here keeps state, draws from the global
generator or leaves a global flag changed. Products and sums only, no scattered additions, whose
order a GPU does not fix.
"""
