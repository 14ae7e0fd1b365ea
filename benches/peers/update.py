"""Times updates in PyTorch, JAX and ravine in turn, in one process each, and prints them side by side.

Peers that are not installed are left out. A figure of a few microseconds in Python is mostly the
cost of the call: so it is for whoever calls it, but the arithmetic is not what is slow.
"""

import argparse
import datetime
import importlib.util
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

# What is updated: length, tensors, rule, and the rule's name in ravine.
CASES = [
    (256, 1, "sgd"), (20_000, 1, "sgd"), (200_000, 1, "sgd"), (2_000_000, 1, "sgd"), (50_000_000, 1, "sgd"),
    (300_000, 1000, "sgd"),
    (256, 1, "adamw"), (200_000, 1, "adamw"), (2_000_000, 1, "adamw"), (30_000_000, 1, "adamw"),
    (256, 1, "rmsprop"), (200_000, 1, "rmsprop"), (2_000_000, 1, "rmsprop"), (30_000_000, 1, "rmsprop"),
]
RULES = {"sgd": ["momentum"], "adamw": ["adamw", "--weight-decay", "0.01"], "rmsprop": ["rmsprop"]}


def timed(step, seconds=0.2):
    """Microseconds of the best and of the median of five rounds."""
    for _ in range(3):
        step()
    start = time.perf_counter()
    step()
    count = max(1, int(seconds / 5 / max(time.perf_counter() - start, 1e-7)))
    rounds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(count):
            step()
        rounds.append((time.perf_counter() - start) / count * 1e6)
    return {"us": statistics.median(rounds), "us_min": min(rounds), "rounds": rounds}


def torch_step(length, tensors, rule, threads):
    import torch

    torch.set_num_threads(threads)
    params = [torch.nn.Parameter(torch.randn(length // tensors)) for _ in range(tensors)]
    for param in params:
        param.grad = torch.randn_like(param)
    optimizer = {
        "sgd": lambda: torch.optim.SGD(params, lr=1e-3, momentum=0.9, fused=True),
        "adamw": lambda: torch.optim.AdamW(params, lr=1e-3, fused=True),
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
        "adamw": lambda: optax.adamw(1e-3),
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


def ravine(program, length, tensors, rule, threads):
    command = [program, "bench", "update", "--len", str(length), "--tensors", str(tensors)]
    command += ["--rule", *RULES[rule], "--threads", str(threads), "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def loop(program, length, tensors, rule, threads):
    """The plain loop over slices that a Rust programmer would write, compiled for the target's baseline."""
    if (tensors, rule) != (1, "sgd"):
        return None
    command = [program, "bench", "update", "--len", str(length), "--rule", "loop"]
    command += ["--threads", "1", "--level", "baseline", "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def peer(name, case, threads):
    """A peer in a process of its own: what one library does to threads and memory, no other sees."""
    command = [sys.executable, __file__, "--one", name, *map(str, case), "--threads", str(threads)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of each")
    parser.add_argument("--only", choices=RULES, help="this rule alone")
    parser.add_argument("--record", type=pathlib.Path, help="keep every round in this JSON file")
    parser.add_argument("--one", nargs=4, metavar=("PEER", "LEN", "TENSORS", "RULE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        name, length, tensors, rule = args.one
        make = {"torch": torch_step, "jax": jax_step}[name]
        return print(json.dumps(timed(make(int(length), int(tensors), rule, args.threads))))
    needs = {"torch": ["torch"], "jax": ["jax", "optax"]}
    peers = [name for name, all_of in needs.items() if all(map(importlib.util.find_spec, all_of))]
    print(f"{'parameters':>12} {'rule':8} {'who':8} {'best us':>11} {'median us':>11} {'ravine is':>10}", flush=True)
    results = []
    for case in CASES:
        if args.only not in (None, case[2]):
            continue
        rows = {"ravine": ravine(args.ravine, *case, args.threads), "loop": loop(args.ravine, *case, args.threads)}
        rows |= {name: peer(name, case, args.threads) for name in peers}
        # Ours once more, after the others: the better of both is beside their best.
        again = ravine(args.ravine, *case, args.threads)
        rows["ravine"] = min(rows["ravine"], again, key=lambda row: row["us_min"])
        length, tensors, rule = case
        shown = f"{length // tensors}" + (f" x {tensors}" if tensors > 1 else "")
        for who, row in rows.items():
            if row is None:
                continue
            ratio = row["us_min"] / rows["ravine"]["us_min"]
            print(f"{shown:>12} {rule:8} {who:8} {row['us_min']:11.3f} {row['us']:11.3f} {ratio:9.2f}x", flush=True)
            results.append({"len": length, "tensors": tensors, "rule": rule, "who": who, **row, "ravine_is": ratio})
    if args.record:
        record = {
            "machine": f"{machine()}, {os.cpu_count()} threads, {platform.system().lower()}",
            "date": datetime.date.today().isoformat(),
            "load": os.getloadavg()[0],
            "threads": args.threads,
            "versions": {"python": platform.python_version()} | {name: version(name) for name in peers},
            "results": results,
        }
        args.record.write_text(json.dumps(record, indent=2) + "\n")


def version(package):
    from importlib.metadata import version

    return version(package)


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
