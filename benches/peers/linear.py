"""Times a full-batch gradient of linear regression in ravine, in NumPy and in PyTorch.

Every side has as many processes, and as many rounds of as long, as every other; they take turns. A
ratio is of medians of all rounds. Ours takes the loss and makes the update as well. PyTorch is left
out where it is not installed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

from sides import HEAD, ROUNDS, by_turns, installed, place, positive, record, record_of, row, timed

SHAPES = ["16000000x1", "4571428x7", "1000000x32", "125000x256"]


def gradient(name, rows, cols, threads):
    """The step of a peer: X and y are read twice or more."""
    import numpy

    random = numpy.random.default_rng(0)
    normal = lambda *shape: random.standard_normal(shape, dtype=numpy.float32)
    x, y, w, scale = normal(rows, cols), normal(rows), normal(cols), numpy.float32(2 / rows)
    if name == "torch":
        import torch

        torch.set_num_threads(threads)
        x, y, w, scale = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(w), float(scale)
    return lambda: scale * (x.T @ (x @ w - y))


def ours(args, rows, cols, limits):
    """Our rounds; the limit's beside them go to `limits`."""
    flags = ["--rows", rows, "--cols", cols, "--threads", args.threads]
    rounds = record_of(args.ravine, "linear", *flags)["timings"][0]["rounds"]
    limits += [limit for _, limit in rounds]
    return [us for us, _ in rounds]


def peer(name, shape, threads):
    """A peer in a process of its own, whose threads are set before it starts."""
    command = [sys.executable, __file__, "--one", name, "--shapes", shape, "--threads", str(threads)]
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--threads", type=positive, default=2, help="threads of each [2]")
    parser.add_argument("--shapes", nargs="+", default=SHAPES, help="rows x columns")
    parser.add_argument("--runs", type=positive, default=3, help=f"processes of each side, of {ROUNDS} rounds [3]")
    parser.add_argument("--record", type=place, help="keep every round in this JSON file")
    parser.add_argument("--one", metavar="PEER", help=argparse.SUPPRESS)
    args = parser.parse_args()
    sizes = {shape: tuple(map(int, shape.split("x"))) for shape in args.shapes}
    if args.one:
        [(rows, cols)] = sizes.values()
        return print(json.dumps(timed(gradient(args.one, rows, cols, args.threads))))
    peers, results = ["numpy"] + [name for name in installed() if name == "torch"], []
    print(f"{'shape':>12} {'who':8} {HEAD} {'GB/s':>6} {'of limit':>8}", flush=True)
    for shape, (rows, cols) in sizes.items():
        limits = []
        sides = {"ravine": lambda: ours(args, rows, cols, limits)}
        sides |= {name: lambda name=name: peer(name, shape, args.threads) for name in peers}
        for result in by_turns(sides, args.runs):
            # X and y, each counted once.
            result |= {"shape": shape, "gb_per_s": 4 * rows * (cols + 1) / result["us"] / 1e3}
            result["of_limit"] = statistics.median(limits) / result["us"]
            told = f"{row(result)} {result['gb_per_s']:6.1f} {100 * result['of_limit']:6.0f} %"
            print(f"{shape:>12} {result['who']:8} {told}", flush=True)
            results.append(result)
    if args.record:
        kept = record(args.ravine, peers, args.runs, args.threads, results)
        args.record.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
