"""Momentum and an average of the parameters, kept in 16 bits, in NumPy:
ravine verify --family narrow --kernel 'python3 narrow.py'"""

import sys

import numpy as np

from update import TINY, step

U32, U64 = np.uint32, np.uint64


def words(seed, t, length):
    """A random word for every element of step t, counted from 1; integers wrap."""
    k = seed + U64(t) * U64(0x9E3779B97F4A7C15)
    k = (k ^ k >> U64(30)) * U64(0xBF58476D1CE4E5B9)
    k = (k ^ k >> U64(27)) * U64(0x94D049BB133111EB)
    r = np.arange(length, dtype=U32)
    r = (r ^ r >> U32(16)) * U32(0x7FEB352D) ^ U32(k >> U64(32))
    r = (r ^ r >> U32(15)) * U32(0x846CA68B)
    return r ^ r >> U32(16)


def rounded(kept, seed, t, x):
    """What is kept of x: itself, the nearest bf16, or one of both nearest by chance."""
    if kept == 0:
        return x
    bits = x.astype(np.float32).view(U32)
    if kept == 1:
        add = U32(0x7FFF) + (bits >> U32(16) & U32(1))
    else:
        add = words(seed, t, len(x)) & U32(0xFFFF)
    return np.where(np.isnan(x), np.float32(np.nan), (bits + add & U32(0xFFFF0000)).view(np.float32))


def main(source, target):
    cases = np.load(source)
    options, numbers, kept = cases["options"], cases["numbers"], cases["kept"]
    params, grads = cases["params"], cases["grads"]
    seeds = cases["seeds"].reshape(-1, 4).view("<u8")
    out = {name: np.empty_like(grads) for name in ("params", "velocity", "average")}
    start = at = 0
    for case, length in enumerate(cases["lengths"]):
        w = params[start : start + length].copy()
        v, m = np.zeros_like(w), rounded(min(kept[case, 1], 1), 0, 0, w.copy())
        for t in range(options.shape[1]):
            keep, take = numbers[case, t, 6:]
            step(options[case, t], numbers[case, t, :6], w, v, grads[at : at + length])
            m = keep * m + take * w
            m[np.abs(m) < TINY] = 0
            v = rounded(kept[case, 0], seeds[case, 0], t + 1, v)
            m = rounded(kept[case, 1], seeds[case, 1], t + 1, m)
            for array, values in zip(out.values(), (w, v, m)):
                array[at : at + length] = values
            at += length
        start += length
    np.savez(target, **out)


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main(*sys.argv[1:])
