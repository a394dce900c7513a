"""Sums of chosen rows of 64 numbers, held in vector registers meanwhile.

Numba keeps the running sums of a loop over rows in memory, which costs a load and a store for
every addition. Here the loop is written for the compiler in vectors of 16 (a machine with shorter
registers takes two or four), so that an addition is one load.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

WIDTH = 64
# Four rows are added up in their 16 combinations.
ROWS_TOGETHER, TABLE = 4, 16 * WIDTH
_LANES = 16
_VECTOR = ir.VectorType(ir.FloatType(), _LANES)
_ALIGNED = 64


@njit(error_model="numpy")
def aligned_zeros(size):
    """Float32 zeros that begin at a line of the cache: a vector across two costs two loads."""
    raw = np.zeros(size + _ALIGNED // 4, np.float32)
    skipped = (-raw.ctypes.data // 4) % (_ALIGNED // 4)
    return raw[skipped : skipped + size]


def _vectors(builder: Any, data: Any, position: Any) -> list[Any]:
    """Pointers to the vectors of the 64 numbers at a position."""
    places = [builder.add(position, position.type(k)) for k in range(0, WIDTH, _LANES)]
    return [builder.bitcast(builder.gep(data, [place]), _VECTOR.as_pointer()) for place in places]


def _data(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    return context.make_array(kind)(context, builder, array).data


def _add_rows(typing_context, rows, places, first, stop, column, sums, position):  # type: ignore[no-untyped-def]
    """sums[position + k] += sum_n rows[places[n] + column + k], n in [first, stop), k < 64.

    `rows` and `sums` are flat arrays of float32, `places` of uint32; nothing is checked.
    """
    signature = types.void(rows, places, types.int64, types.int64, types.int64, sums, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows, places, first, stop, column, sums, position = arguments
        rows = _data(context, builder, signature.args[0], rows)
        places = _data(context, builder, signature.args[1], places)
        targets = _vectors(builder, _data(context, builder, signature.args[5], sums), position)
        totals = [cgutils.alloca_once(builder, _VECTOR) for _ in targets]
        for total, target in zip(totals, targets, strict=True):
            builder.store(builder.load(target, align=4), total)
        with cgutils.for_range_slice(builder, first, stop, first.type(1)) as (n, _):
            place = builder.zext(builder.load(builder.gep(places, [n])), column.type)
            sources = _vectors(builder, rows, builder.add(place, column))
            for total, source in zip(totals, sources, strict=True):
                added = builder.fadd(builder.load(total), builder.load(source, align=4))
                builder.store(added, total)
        for total, target in zip(totals, targets, strict=True):
            builder.store(builder.load(total), target, align=4)

    return signature, generate


def _tabulate(typing_context, rows, start, table, position):  # type: ignore[no-untyped-def]
    """Write the sums of all subsets of four rows of 64, the first at rows[start], into a table.

    The subset of rows a, b, ... lies at table[position + 64 (2^a + 2^b + ...)]. Flat arrays of
    float32; nothing is checked.
    """
    signature = types.void(rows, types.int64, table, types.int64)

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        rows, start, table, position = arguments
        rows = _data(context, builder, signature.args[0], rows)
        table = _data(context, builder, signature.args[2], table)
        nothing = ir.Constant(_VECTOR, [0.0] * _LANES)
        sums = [[nothing] * (WIDTH // _LANES)]
        for row in range(ROWS_TOGETHER):
            sources = _vectors(builder, rows, builder.add(start, start.type(row * WIDTH)))
            added = [builder.load(source, align=4) for source in sources]
            sums += [
                [builder.fadd(a, b) for a, b in zip(known, added, strict=True)] for known in sums
            ]
        for subset, values in enumerate(sums):
            place = builder.add(position, position.type(subset * WIDTH))
            for value, target in zip(values, _vectors(builder, table, place), strict=True):
                builder.store(value, target, align=4)

    return signature, generate


# For the compiler they take all but the first argument.
add_rows: Any = intrinsic(_add_rows)
tabulate: Any = intrinsic(_tabulate)
