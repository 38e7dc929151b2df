"""The few operations that numpy arrays and torch tensors spell alike, frame by frame: axes go by position, never by name.

A batch is an array or tensor (N, ...): one latent per frame, N frames.
"""

from __future__ import annotations

from typing import Any

Batch = Any
"""(N, ...) floats: a numpy array or a torch tensor, on any device."""
Column = Any
"""(N, 1, ..., 1): one number per frame, of the same library, ready to multiply a batch."""


def widened(x: Batch) -> Batch:
    """The batch in single precision if it came in half (float16 or bfloat16), else as it is.

    Half precision has 11 bits or fewer: at sigma 14 a step of the ODE would drown in the rounding of the state.
    """
    size = x.element_size() if hasattr(x, "element_size") else x.itemsize
    if size >= 4:
        return x
    return x.float() if hasattr(x, "float") else x.astype("float32")


def dot(a: Batch, b: Batch) -> Column:
    """Scalar product of each frame of `a` with the same frame of `b`."""
    return as_column((a * b).reshape(len(a), -1).sum(1), a)


def norm(x: Batch) -> Column:
    """Euclidean length of each frame."""
    return dot(x, x) ** 0.5


def variance(x: Batch, *, ddof: int = 0) -> Column:
    """Variance of each frame over all its values; ddof 1 is torch's own `std() ** 2`."""
    flat = x.reshape(len(x), -1)
    centred = x - as_column(flat.mean(1), x)
    return dot(centred, centred) / (flat.shape[1] - ddof)


def numbers(column: Column) -> tuple[float, ...]:
    """The numbers of a column as Python floats."""
    return tuple(float(value) for value in column.reshape(-1))


def as_column(values: Batch, x: Batch) -> Column:
    """One number (N,) per frame of x (N, ...), ready to multiply it."""
    return values.reshape((len(x),) + (1,) * (x.ndim - 1))


def chosen(mask: Batch, yes: Batch, no: Batch) -> Batch:
    """The frames of `yes` where the mask (N,) holds, of `no` elsewhere; what is not chosen may be NaN."""
    result = no + 0
    result[mask] = yes[mask]
    return result
