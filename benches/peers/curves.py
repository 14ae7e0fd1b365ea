"""Times what `ravine demo --benches FILE` draws: steps by width beside the peers, speed by threads, shares of the limit.

A step is that of a perceptron of four equal layers (ReLU, mean squared error, momentum 0.9) on 64 rows. Peers that are
not installed are left out, as in `step.py`, whose sides these are.
"""

import argparse
import json
import os
import shlex
import statistics
import sys

import step
from sides import ROUNDS, by_turns, installed, place, positive, record, record_of

WIDTHS = [16, 32, 64, 128, 256, 512, 1024, 2048]
BATCH = 64
# Pieces of work whose limit is measured beside them: by what size, and the flags of one.
SHARES = {
    "update": ([256, 4096, 65536, 2**20, 2**24], lambda n: ["update", "--len", n]),
    "product": ([64, 128, 256, 512, 1024, 2048], lambda n: ["product", "--rows", n, "--inner", n, "--cols", n]),
    "step": (WIDTHS, lambda n: ["step", "--layers", layers(n), "--batch", BATCH]),
}


def layers(width):
    return ",".join([str(width)] * 4)


def widths(args, peers):
    """Milliseconds a step by width, a curve for each side."""
    curves = {}
    for width in WIDTHS:
        for side in by_turns(step.sides(args, peers, layers(width), BATCH), args.runs):
            curves.setdefault(side["who"], []).append((width, side["us"] / 1e3))
            print(f"step {width:>5} {side['who']:12} {side['us']:11.1f} us", flush=True)
    return curves


def threads(args):
    """How much faster a step is by more threads, a curve for each width."""
    curves = {}
    for width in (256, 1024, 2048):
        us = {n: statistics.median(step.ours(args.ravine, n, layers(width), BATCH)) for n in range(1, args.threads + 1)}
        curves[f"step, width {width}"] = [(n, us[1] / us[n]) for n in us]
    return curves


def shares(args):
    """The share of the limit of the same run, a curve for each kind of work."""
    curves = {}
    for name, (sizes, flags) in SHARES.items():
        timings = {n: record_of(args.ravine, *flags(n), "--threads", args.threads)["timings"][0] for n in sizes}
        curves[name] = [(n, timing["limit_us"] / timing["us"]) for n, timing in timings.items()]
    return curves


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--rust", help="the program that `rust/` builds")
    parser.add_argument("--threads", type=positive, default=os.cpu_count(), help="threads of each")
    parser.add_argument("--runs", type=positive, default=1, help=f"processes of each side, of {ROUNDS} rounds [1]")
    parser.add_argument("--record", type=place, required=True, help="the file of curves")
    args = parser.parse_args()
    peers = installed()
    drawn = {"widths": widths(args, peers), "threads": threads(args), "shares": shares(args)}
    lines = {
        kind: [{"name": name, "points": points} for name, points in curves.items()] for kind, curves in drawn.items()
    }
    kept = record(args.ravine, peers, args.runs, args.threads, [])
    command = shlex.join(["benches/peers/curves.py", *sys.argv[1:]])
    args.record.write_text(json.dumps(kept | {"command": command} | lines, indent=2) + "\n")


if __name__ == "__main__":
    main()
