"""Times updates in PyTorch, JAX and ravine in turn, each in processes of its own, and prints them side by side.

Every side has as many processes, and as many rounds of as long, as every other; they take turns. A
ratio is of medians of all rounds. Peers that are not installed are left out. A figure of a few
microseconds in Python is mostly the cost of the call: so it is for whoever calls it, but the
arithmetic is not what is slow.
"""

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

# What is updated: length, tensors, rule, and the rule's name in ravine.
CASES = [
    (256, 1, "sgd"), (20_000, 1, "sgd"), (200_000, 1, "sgd"), (2_000_000, 1, "sgd"), (50_000_000, 1, "sgd"),
    (300_000, 1000, "sgd"),
    (256, 1, "adamw"), (200_000, 1, "adamw"), (2_000_000, 1, "adamw"), (30_000_000, 1, "adamw"),
    (256, 1, "rmsprop"), (200_000, 1, "rmsprop"), (2_000_000, 1, "rmsprop"), (30_000_000, 1, "rmsprop"),
]
RULES = {"sgd": ["momentum"], "adamw": ["adamw", "--weight-decay", "0.01"], "rmsprop": ["rmsprop"]}
NEEDS = {"torch": ["torch"], "jax": ["jax", "jaxlib", "optax"]}

# Rounds of a process, and what a round takes at least: those of `ravine bench`.
ROUNDS, SECONDS = 9, 0.05


def timed(step):
    """Microseconds a step of every round."""

    def seconds(count):
        start = time.perf_counter()
        for _ in range(count):
            step()
        return time.perf_counter() - start

    seconds(3)
    count = 1
    while (took := seconds(count)) < SECONDS:
        count *= 8 if took < SECONDS / 20 else 2
    return [seconds(count) / count * 1e6 for _ in range(ROUNDS)]


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


def ravine(program, *flags):
    """A record of `ravine bench update`."""
    with tempfile.TemporaryDirectory() as folder:
        record = pathlib.Path(folder) / "record.json"
        command = [program, "bench", "update", *map(str, flags), "--record", record]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.loads(record.read_text())


def ours(program, threads, length, tensors, rule):
    flags = ["--len", length, "--tensors", tensors, "--rule", *RULES[rule], "--threads", threads]
    return [us for us, _ in ravine(program, *flags)["timings"][0]["rounds"]]


def loop(program, length):
    """The plain loop over slices that a Rust programmer would write, compiled for the target's baseline."""
    record = ravine(program, "--len", length, "--rule", "loop", "--threads", 1, "--level", "baseline")
    return [us for us, _ in record["timings"][0]["rounds"]]


def peer(name, threads, *case):
    """A peer in a process of its own: what one library does to threads and memory, no other sees."""
    command = [sys.executable, __file__, "--one", name, *map(str, case), "--threads", str(threads)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of each")
    parser.add_argument("--only", choices=RULES, help="this rule alone")
    parser.add_argument("--runs", type=int, default=3, help=f"processes of each side, of {ROUNDS} rounds [3]")
    parser.add_argument("--record", type=pathlib.Path, help="keep every round in this JSON file")
    parser.add_argument("--one", nargs=4, metavar=("PEER", "LEN", "TENSORS", "RULE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.runs < 1:
        parser.error(f"--runs is {args.runs}, but at least 1 is wanted")
    if args.one:
        name, length, tensors, rule = args.one
        make = {"torch": torch_step, "jax": jax_step}[name]
        return print(json.dumps(timed(make(int(length), int(tensors), rule, args.threads))))
    peers = [name for name, all_of in NEEDS.items() if all(map(importlib.util.find_spec, all_of))]
    columns = ("best us", "median us", "of medians", "of best")
    print(f"{'parameters':>12} {'rule':8} {'who':8}", *(f"{column:>11}" for column in columns), flush=True)
    results = []
    for case in CASES:
        if args.only not in (None, case[2]):
            continue
        for result in compared(args, peers, case):
            print(row(result), flush=True)
            results.append(result)
    if args.record:
        program = ravine(args.ravine, "--len", 1)
        record = {
            "machine": f"{machine()}, {os.cpu_count()} threads, {platform.system().lower()}",
            "date": datetime.date.today().isoformat(),
            "load": os.getloadavg()[0],
            "threads": args.threads,
            "runs": args.runs,
            "rounds": ROUNDS,
            "versions": versions(peers) | {"ravine": program["version"], "rustc": program["rustc"]},
            "results": results,
        }
        args.record.write_text(json.dumps(record, indent=2) + "\n")


def compared(args, peers, case):
    """Every side's rounds of a case, by turns, and how many times as long as ravine's they take."""
    length, tensors, rule = case
    sides = {"ravine": lambda: ours(args.ravine, args.threads, *case)}
    if (tensors, rule) == (1, "sgd"):
        sides["loop"] = lambda: loop(args.ravine, length)
    sides |= {name: lambda name=name: peer(name, args.threads, *case) for name in peers}
    rounds = {who: [] for who in sides}
    for _ in range(args.runs):
        for who, side in sides.items():
            rounds[who] += side()
    median, best = statistics.median(rounds["ravine"]), min(rounds["ravine"])
    for who, us in rounds.items():
        yield {
            "len": length, "tensors": tensors, "rule": rule, "who": who,
            "us": statistics.median(us), "us_min": min(us), "rounds": us,
            "ravine_is": statistics.median(us) / median, "ravine_is_at_best": min(us) / best,
        }


def row(result):
    each, tensors = result["len"] // result["tensors"], result["tensors"]
    shown = f"{each}" + (f" x {tensors}" if tensors > 1 else "")
    times = f"{result['us_min']:11.3f} {result['us']:11.3f}"
    ratios = f"{result['ravine_is']:10.2f}x {result['ravine_is_at_best']:10.2f}x"
    return f"{shown:>12} {result['rule']:8} {result['who']:8} {times} {ratios}"


def versions(peers):
    """Of Python, and of all that the peers are made of."""
    packages = [package for name in peers for package in NEEDS[name]]
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in packages}


def machine():
    """The processor's name, where the system tells it."""
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


if __name__ == "__main__":
    main()
