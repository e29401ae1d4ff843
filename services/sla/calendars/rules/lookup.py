"""Finding many values in one sorted array, faster than a binary search for each.

A binary search in random order misses the processor's cache at every step. Here a table of equal buckets gives the
first candidate at once, and as many comparisons as the fullest bucket has keys settle the rest.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_BUCKETS_A_KEY = 16
_MOST_STEPS = 6
_LAST = np.iinfo(np.int64).max


class Lookup:
    """Counts how many of the ascending `keys` lie below, or at and below, each of many values."""

    def __init__(self, keys: Ints) -> None:
        self._keys = np.append(keys, _LAST)
        self._first_key = int(keys[0])
        span = int(keys[-1]) - self._first_key
        self._shift = max(span // (4 * len(keys)), 1).bit_length() - 1
        self._build(keys, span)
        while self._steps > 1 and self._shift > 0 and (span >> (self._shift - 1)) < _BUCKETS_A_KEY * len(keys):
            self._shift -= 1
            self._build(keys, span)

    def _build(self, keys: Ints, span: int) -> None:
        buckets = np.arange((span >> self._shift) + 2, dtype=np.int64)
        self._first = np.searchsorted(keys, self._first_key + (buckets << self._shift)).astype(np.int64)
        self._steps = int(np.diff(self._first, append=len(keys)).max())

    def through(self, values: Ints) -> Ints:
        """How many keys are <= each value."""
        if self._steps > _MOST_STEPS:
            return np.searchsorted(self._keys, values, side="right")
        index = self._candidates(values)
        for _step in range(self._steps):
            index += self._keys.take(index) <= values
        return index

    def below(self, values: Ints) -> Ints:
        """How many keys are < each value."""
        if self._steps > _MOST_STEPS:
            return np.searchsorted(self._keys, values, side="left")
        index = self._candidates(values)
        for _step in range(self._steps):
            index += self._keys.take(index) < values
        return index

    def _candidates(self, values: Ints) -> Ints:
        buckets = values - self._first_key
        buckets >>= self._shift
        return self._first.take(buckets, mode="clip")
