"""Random bits that are a pure function of (seed, stream, sweep, tile, position).

Philox-4x32-10 (Salmon et al., SC 2011): a 64-bit key and a 128-bit counter, so that no number is
drawn twice in a fit (which draws some 6e12) and any can be drawn again by whoever resumes it.
"""

import numpy as np
from numba import njit

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint32(0x9E3779B9)
_WEYL_1 = np.uint32(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


@njit(forceinline=True)
def philox(c0, c1, c2, c3, key_0, key_1):
    """Four random uint32 from four counter words and two key words."""
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * np.uint64(c0)
        product_1 = _MULTIPLIER_1 * np.uint64(c2)
        c0 = np.uint32(np.uint32(product_1 >> _HALF) ^ c1 ^ key_0)
        c2 = np.uint32(np.uint32(product_0 >> _HALF) ^ c3 ^ key_1)
        c1 = np.uint32(product_1 & _LOW)
        c3 = np.uint32(product_0 & _LOW)
        key_0 = np.uint32(key_0 + _WEYL_0)
        key_1 = np.uint32(key_1 + _WEYL_1)
    return c0, c1, c2, c3


@njit(nogil=True, cache=True)
def fill_bits(bits, seed, stream, sweep, tile):
    """Fill `bits` (a uint32 array whose length is a multiple of four) with random words.

    Parameters
    ----------
    bits : ndarray of uint32
        Overwritten.
    seed : uint64
        The key.
    stream : int
        What the words are for, below 2**32; different streams share no word.
    sweep : int
        The Gibbs sweep, below 2**48.
    tile : int
        The tile of chains, below 2**16.
    """
    key_0, key_1 = np.uint32(seed & _LOW), np.uint32(np.uint64(seed) >> _HALF)
    c1 = np.uint32(stream)
    c2 = np.uint32(np.uint64(sweep) & _LOW)
    c3 = np.uint32(((np.uint64(sweep) >> _HALF) << np.uint64(16)) | np.uint64(tile))
    quarter = bits.size // 4
    for i in range(quarter):
        w0, w1, w2, w3 = philox(np.uint32(i), c1, c2, c3, key_0, key_1)
        bits[i] = w0
        bits[i + quarter] = w1
        bits[i + 2 * quarter] = w2
        bits[i + 3 * quarter] = w3
