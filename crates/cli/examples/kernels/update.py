"""The update of ravine's numeric contract in NumPy: ravine verify --kernel 'python3 update.py'"""

import sys

import numpy as np

TINY = np.finfo(np.float32).tiny


def step(options, numbers, w, v, g):
    """Takes one step in place. All numbers are float32, so every operation rounds by itself."""
    gradient, decay, motion = options
    s, e, a, b, c, d = numbers
    if gradient == 1:
        g = s * g
    elif gradient == 2:
        g = np.where(g > s, s, np.where(g < -s, -s, g))
    if decay == 1:
        g = g + e * w
    if motion == 0:
        change = c * g
    else:
        v[:] = a * v + b * g
        v[np.abs(v) < TINY] = 0
        change = c * v
        if motion == 2:
            change = change + d * g
    if decay == 2:
        w -= e * w
    w -= change


def main(source, target):
    cases = np.load(source)
    options, numbers = cases["options"], cases["numbers"]
    params, grads = cases["params"], cases["grads"]
    all_params, all_velocity = np.empty_like(grads), np.empty_like(grads)
    start = at = 0
    for case, length in enumerate(cases["lengths"]):
        w = params[start : start + length].copy()
        v = np.zeros_like(w)
        for t in range(options.shape[1]):
            step(options[case, t], numbers[case, t], w, v, grads[at : at + length])
            all_params[at : at + length] = w
            all_velocity[at : at + length] = v
            at += length
        start += length
    np.savez(target, params=all_params, velocity=all_velocity)


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main(*sys.argv[1:])
