"""Effective fields and couplings of a model with hidden units, relative to a background."""

from popcode.rbm.effective.couplings import (
    Couplings,
    effective_couplings,
    effective_fields,
    effective_tuples,
)

__all__ = ["Couplings", "effective_couplings", "effective_fields", "effective_tuples"]
