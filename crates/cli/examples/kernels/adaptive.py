"""Adam and RMSProp in NumPy: ravine verify --family adaptive --kernel 'python3 adaptive.py'"""

import sys

import numpy as np

TINY = np.finfo(np.float32).tiny


def flushed(x):
    return np.where(np.abs(x) < TINY, np.float32(0), x)


def seen(gradient, s, g):
    """The gradient as it is, times s, or within -s to s; from 3 on with 0 for what is not finite."""
    if gradient >= 3:
        g = np.where(np.isfinite(g), g, np.float32(0))
    if gradient in (1, 3):
        return s * g
    if gradient in (2, 4):
        return np.where(g > s, s, np.where(g < -s, -s, g))
    return g


def step(options, numbers, w, u, m, v, g):
    """Takes one step in place. All numbers are float32, so every operation rounds by itself."""
    gradient, decay, rule = options
    s, e, keep_u, take_u, keep_m, take_m, momentum, c, epsilon = numbers
    g = seen(gradient, s, g)
    if decay == 1:
        g = g + e * w
    u[:] = flushed(keep_u * u + take_u * (g * g))
    variance = u
    if rule in (0, 3, 4):
        m[:] = flushed(keep_m * m + take_m * g)
    if rule >= 3:
        variance = u - m * m
        variance = np.where(variance < 0, np.float32(0), variance)
    change = (m if rule == 0 else g) / (np.sqrt(variance) + epsilon)
    if rule in (2, 4):
        v[:] = flushed(momentum * v + change)
        change = v
    if decay == 2:
        w -= e * w
    w -= c * change


def main(source, target):
    cases = np.load(source)
    options, numbers = cases["options"], cases["numbers"]
    params, grads = cases["params"], cases["grads"]
    out = {name: np.empty_like(grads) for name in ("params", "square", "mean", "velocity")}
    start = at = 0
    for case, length in enumerate(cases["lengths"]):
        w = params[start : start + length].copy()
        u, m, v = (np.zeros_like(w) for _ in range(3))
        for t in range(options.shape[1]):
            step(options[case, t], numbers[case, t], w, u, m, v, grads[at : at + length])
            for array, values in zip(out.values(), (w, u, m, v)):
                array[at : at + length] = values
            at += length
        start += length
    np.savez(target, **out)


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main(*sys.argv[1:])
