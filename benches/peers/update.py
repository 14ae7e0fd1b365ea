"""Times updates in PyTorch, JAX and ravine in turn, each in processes of its own, and prints them side by side.

Every side has as many processes, and as many rounds of as long, as every other; they take turns. A
ratio is of medians of all rounds. Peers that are not installed are left out. A figure of a few
microseconds in Python is mostly the cost of the call: so it is for whoever calls it, but the
arithmetic is not what is slow.
"""

import argparse
import json
import os
import subprocess
import sys

from sides import HEAD, ROUNDS, by_turns, installed, place, positive, record, rounds_of, row, timed

# What is updated: length, tensors, rule, and the rule's name in ravine.
CASES = [
    (256, 1, "sgd"), (20_000, 1, "sgd"), (200_000, 1, "sgd"), (2_000_000, 1, "sgd"), (50_000_000, 1, "sgd"),
    (300_000, 1000, "sgd"),
    (256, 1, "adamw"), (200_000, 1, "adamw"), (2_000_000, 1, "adamw"), (30_000_000, 1, "adamw"),
    (256, 1, "rmsprop"), (200_000, 1, "rmsprop"), (2_000_000, 1, "rmsprop"), (30_000_000, 1, "rmsprop"),
]
RULES = {"sgd": ["momentum"], "adamw": ["adamw", "--weight-decay", "0.01"], "rmsprop": ["rmsprop"]}


def torch_step(length, tensors, rule, threads):
    import torch

    torch.set_num_threads(threads)
    params = [torch.nn.Parameter(torch.randn(length // tensors)) for _ in range(tensors)]
    for param in params:
        param.grad = torch.randn_like(param)
    optimizer = {
        "sgd": lambda: torch.optim.SGD(params, lr=1e-3, momentum=0.9, fused=True),
        "adamw": lambda: torch.optim.AdamW(params, lr=1e-3, weight_decay=0.01, fused=True),
        "rmsprop": lambda: torch.optim.RMSprop(params, lr=1e-3),
    }[rule]()
    return optimizer.step


def jax_step(length, tensors, rule, threads):
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    from functools import partial

    import jax
    import optax

    key = jax.random.PRNGKey(0)
    make = lambda: [jax.random.normal(key, (length // tensors,)) for _ in range(tensors)]
    params, grads = make(), make()
    optimizer = {
        "sgd": lambda: optax.sgd(1e-3, momentum=0.9),
        "adamw": lambda: optax.adamw(1e-3, weight_decay=0.01),
        "rmsprop": lambda: optax.rmsprop(1e-3),
    }[rule]()

    @partial(jax.jit, donate_argnums=(0, 1))
    def update(params, state, grads):
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    kept = [params, optimizer.init(params)]

    def step():
        kept[0], kept[1] = update(kept[0], kept[1], grads)
        jax.block_until_ready(kept[0])

    return step


def ours(program, threads, length, tensors, rule):
    flags = ["--len", length, "--tensors", tensors, "--rule", *RULES[rule], "--threads", threads]
    return rounds_of(program, "update", *flags)


def loop(program, length):
    """The plain loop over slices that a Rust programmer would write, compiled for the target's baseline."""
    return rounds_of(program, "update", "--len", length, "--rule", "loop", "--threads", 1, "--level", "baseline")


def peer(name, threads, *case):
    """A peer in a process of its own: what one library does to threads and memory, no other sees."""
    command = [sys.executable, __file__, "--one", name, *map(str, case), "--threads", str(threads)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--threads", type=positive, default=os.cpu_count(), help="threads of each")
    parser.add_argument("--only", choices=RULES, help="this rule alone")
    parser.add_argument("--runs", type=positive, default=3, help=f"processes of each side, of {ROUNDS} rounds [3]")
    parser.add_argument("--record", type=place, help="keep every round in this JSON file")
    parser.add_argument("--one", nargs=4, metavar=("PEER", "LEN", "TENSORS", "RULE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        name, length, tensors, rule = args.one
        make = {"torch": torch_step, "jax": jax_step}[name]
        return print(json.dumps(timed(make(int(length), int(tensors), rule, args.threads))))
    peers, results = installed(), []
    print(f"{'parameters':>12} {'rule':8} {'who':8} {HEAD}", flush=True)
    for length, tensors, rule in CASES:
        if args.only not in (None, rule):
            continue
        shown = f"{length // tensors}" + (f" x {tensors}" if tensors > 1 else "")
        for result in by_turns(sides(args, peers, length, tensors, rule), args.runs):
            print(f"{shown:>12} {rule:8} {result['who']:8} {row(result)}", flush=True)
            results.append({"len": length, "tensors": tensors, "rule": rule} | result)
    if args.record:
        kept = record(args.ravine, peers, args.runs, args.threads, results)
        args.record.write_text(json.dumps(kept, indent=2) + "\n")


def sides(args, peers, *case):
    """Who is timed on a case."""
    length, tensors, rule = case
    sides = {"ravine": lambda: ours(args.ravine, args.threads, *case)}
    if (tensors, rule) == (1, "sgd"):
        sides["loop"] = lambda: loop(args.ravine, length)
    return sides | {name: lambda name=name: peer(name, args.threads, *case) for name in peers}


if __name__ == "__main__":
    main()
