"""Times squares of matrices in ravine, in the `gemm` crate and in PyTorch, with one thread and with two.

Every side has as many processes, and as many rounds of as long, as every other; they take turns. A
ratio is of medians of all rounds. `--rust` names the program that `rust/` builds; PyTorch is left
out where it is not installed.
"""

import argparse
import json
import statistics
import subprocess
import sys

from sides import HEAD, ROUNDS, by_turns, installed, place, positive, record, record_of, row, rust_rounds, timed

SIZES = [256, 512, 1024, 2048]
TRANSPOSED = {"none": (False, False), "left": (True, False), "right": (False, True), "both": (True, True)}


def torch_product(size, transpose, threads):
    import torch

    torch.set_num_threads(threads)
    operand = lambda turned: torch.randn(size, size).t() if turned else torch.randn(size, size)
    a, b = (operand(turned) for turned in TRANSPOSED[transpose])
    c = torch.empty(size, size)
    return lambda: torch.mm(a, b, out=c)


def ours(program, size, transpose, threads, limits):
    """Our rounds; the limit's beside them go to `limits`."""
    flags = ["--rows", size, "--inner", size, "--cols", size, "--transpose", transpose, "--threads", threads]
    rounds = record_of(program, "product", *flags)["timings"][0]["rounds"]
    limits += [limit for _, limit in rounds]
    return [us for us, _ in rounds]


def peer(size, transpose, threads):
    """PyTorch in a process of its own."""
    command = [sys.executable, __file__, "--one", str(size), "--transpose", transpose, "--threads", str(threads)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--rust", help="the program that `rust/` builds")
    parser.add_argument("--threads", type=positive, nargs="+", default=[1, 2], help="threads of each [1 2]")
    parser.add_argument("--sizes", type=positive, nargs="+", default=SIZES, help="rows and columns")
    parser.add_argument("--transpose", choices=TRANSPOSED, default="none", help="operands that lie as their transposes")
    parser.add_argument("--runs", type=positive, default=3, help=f"processes of each side, of {ROUNDS} rounds [3]")
    parser.add_argument("--record", type=place, help="keep every round in this JSON file")
    parser.add_argument("--one", type=int, metavar="SIZE", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        return print(json.dumps(timed(torch_product(args.one, args.transpose, *args.threads))))
    peers, results = [name for name in installed() if name == "torch"], []
    print(f"{'size':>5} {'threads':>7} {'who':12} {HEAD} {'GFLOP/s':>8} {'of limit':>8}", flush=True)
    for size in args.sizes:
        for threads in args.threads:
            limits = []
            for result in by_turns(sides(args, peers, size, threads, limits), args.runs):
                result |= {"size": size, "threads": threads, "gflops": 2 * size**3 / result["us"] / 1e3}
                result["of_limit"] = statistics.median(limits) / result["us"]
                told = f"{row(result)} {result['gflops']:8.1f} {100 * result['of_limit']:6.0f} %"
                print(f"{size:5} {threads:7} {result['who']:12} {told}", flush=True)
                results.append(result)
    if args.record:
        kept = record(args.ravine, peers, args.runs, args.threads, results)
        args.record.write_text(json.dumps(kept | {"transpose": args.transpose}, indent=2) + "\n")


def sides(args, peers, size, threads, limits):
    """Who is timed on a square."""
    sides = {"ravine": lambda: ours(args.ravine, size, args.transpose, threads, limits)}
    if args.rust:
        sizes = ",".join([str(size)] * 3)
        sides["gemm"] = lambda: rust_rounds(args.rust, threads, "gemm", sizes, args.transpose)
    return sides | {name: lambda: peer(size, args.transpose, threads) for name in peers}


if __name__ == "__main__":
    main()
