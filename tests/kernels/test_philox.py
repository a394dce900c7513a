"""The generator against Random123's known answers, and that no two places share a word."""

import numpy as np
import pytest
from numba import njit
from scipy.stats import chisquare, combine_pvalues, kstest

from popcode.kernels.philox import fill_bits, philox


@njit
def one_block(counter, key):
    return philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])


def words(text):
    return np.array([int(word, 16) for word in text.split()], np.uint32)


# philox4x32-10 of Random123's kat_vectors.
@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ("0 0 0 0", "0 0", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        (
            "ffffffff ffffffff ffffffff ffffffff",
            "ffffffff ffffffff",
            "408f276d 41c83b0e a20bc7c6 6d5451fd",
        ),
        (
            "243f6a88 85a308d3 13198a2e 03707344",
            "a4093822 299f31d0",
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_known_answers(counter, key, answer):
    result = one_block(words(counter), words(key))
    np.testing.assert_array_equal(np.array(result, np.uint64), words(answer))


def filled(n_words, seed=1, stream=0, sweep=0, tile=0):
    bits = np.zeros(n_words, np.uint32)
    fill_bits(bits, np.uint64(seed), stream, sweep, tile)
    return bits


def test_the_counter_holds_position_stream_sweep_and_tile():
    seed, stream, sweep, tile = 0x0123456789ABCDEF, 7, 0xABCD_1234_5678, 0xFEDC
    bits = filled(40, seed, stream, sweep, tile)
    key = np.array([0x89ABCDEF, 0x01234567], np.uint32)
    for position in range(10):
        counter = np.array([position, stream, 0x12345678, 0xABCDFEDC], np.uint32)
        np.testing.assert_array_equal(bits[position::10], np.array(one_block(counter, key)))


def test_no_two_places_share_a_block_of_words():
    places = [
        (seed, stream, sweep, tile)
        for seed in (0, 1, 2**32, 2**63 + 5, 2**64 - 1)
        for stream in (0, 1, 2, 2**16, 2**31 + 1)
        for sweep in (0, 1, 2**16, 2**32, 2**32 + 1, 2**48 - 1)
        for tile in (0, 1, 255, 2**16 - 1)
    ]
    # Blocks of 128 bits: of 9,600 no two agree unless the places coincide (chance 1e-31). Single
    # words agree by chance, so words are only counted: 38,400 share one 0.2 times on average.
    blocks = np.array([filled(64, *place).reshape(4, 16).T for place in places]).reshape(-1, 4)
    assert len(np.unique(blocks, axis=0)) == len(blocks) == 16 * len(places)
    assert blocks.size - np.unique(blocks).size < 8


def test_words_are_uniform_and_successive_words_independent():
    p_values = []
    for seed in range(5):
        bits = filled(1_000_000, seed=seed, stream=seed, sweep=10 * seed)
        p_values.append(kstest((bits + 0.5) / 2**32, "uniform").pvalue)
        for shift in (0, 8, 16, 24):  # every byte
            counts = np.bincount((bits >> np.uint32(shift)) & np.uint32(255), minlength=256)
            p_values.append(chisquare(counts).pvalue)
        quarter = bits.size // 4
        for lag in (1, quarter):  # neighbours in a row, and words of one block
            pairs = (bits[:-lag] >> np.uint32(28)) * 16 + (bits[lag:] >> np.uint32(28))
            p_values.append(
                chisquare(np.bincount(pairs[:: 2 if lag == 1 else 1], minlength=256)).pvalue
            )
    assert combine_pvalues(p_values).pvalue > 1e-3


@pytest.mark.parametrize("axis", ["seed", "stream", "sweep", "tile"])
def test_neighbouring_places_are_uncorrelated(axis):
    rows = np.array([filled(20_000, **{axis: k}) for k in range(20)]) / 2**32
    correlations = np.corrcoef(rows)[np.triu_indices(20, 1)] * np.sqrt(20_000)
    # 190 independent standard normal numbers: their mean square is 1 +- 0.10.
    assert abs((correlations**2).mean() - 1) < 0.5
    assert np.abs(correlations).max() < 5
