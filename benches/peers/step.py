"""Times a training step of a perceptron (ReLU, mean squared error, momentum 0.9) in PyTorch, JAX, Rust and ravine.

Every side has as many processes, and as many rounds of as long, as every other; they take turns. A
ratio is of medians of all rounds. Peers that are not installed are left out, and the Rust ones
where `--rust` names no program: `rust/` builds it.
"""

import argparse
import json
import os
import subprocess
import sys

from sides import HEAD, ROUNDS, by_turns, installed, place, positive, record, rounds_of, row, rust_rounds, timed

# Widths, and rows of a batch.
CASES = [
    ("2,16,1", 32), ("8,64,64,1", 64), ("64,128,10", 64), ("784,128,10", 64), ("784,512,512,10", 128),
    ("1024,4096,4096,1024", 256),
]
RUST = ["rust-by-hand", "burn", "candle"]


def torch_step(widths, batch, threads):
    import torch

    torch.set_num_threads(threads)
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    x, t = torch.randn(batch, widths[0]), torch.randn(batch, widths[-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(model(x), t).backward()
        optimizer.step()

    return step


def jax_step(widths, batch, threads):
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from functools import partial

    import jax
    import jax.numpy as jnp
    import optax

    key = jax.random.PRNGKey(0)
    params = [
        (jax.random.normal(key, (inputs, outputs)) * 0.05, jnp.zeros(outputs))
        for inputs, outputs in zip(widths, widths[1:])
    ]
    x, t = (jax.random.normal(key, (batch, width)) for width in (widths[0], widths[-1]))
    optimizer = optax.sgd(1e-3, momentum=0.9)

    def loss(params):
        h = x
        for i, (w, b) in enumerate(params):
            h = h @ w + b
            if i + 1 < len(params):
                h = jax.nn.relu(h)
        return jnp.mean((h - t) ** 2)

    @partial(jax.jit, donate_argnums=(0, 1))
    def update(params, state):
        value, grads = jax.value_and_grad(loss)(params)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state, value

    kept = [params, optimizer.init(params)]

    def step():
        kept[0], kept[1], value = update(*kept)
        jax.block_until_ready(value)

    return step


def ours(program, threads, layers, batch):
    return rounds_of(program, "step", "--layers", layers, "--batch", batch, "--threads", threads)


def peer(name, threads, *case):
    """A peer in a process of its own: what one library does to threads and memory, no other sees."""
    command = [sys.executable, __file__, "--one", name, *map(str, case), "--threads", str(threads)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--rust", help="the program that `rust/` builds")
    parser.add_argument("--threads", type=positive, default=os.cpu_count(), help="threads of each")
    parser.add_argument("--case", nargs=2, metavar=("LAYERS", "BATCH"), help="this case alone")
    parser.add_argument("--runs", type=positive, default=3, help=f"processes of each side, of {ROUNDS} rounds [3]")
    parser.add_argument("--record", type=place, help="keep every round in this JSON file")
    parser.add_argument("--one", nargs=3, metavar=("PEER", "LAYERS", "BATCH"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        name, layers, batch = args.one
        make = {"torch": torch_step, "jax": jax_step}[name]
        widths = [int(width) for width in layers.split(",")]
        return print(json.dumps(timed(make(widths, int(batch), args.threads))))
    peers, results = installed(), []
    print(f"{'layers':>20} {'batch':>5} {'who':12} {HEAD}", flush=True)
    for layers, batch in [args.case] if args.case else CASES:
        for result in by_turns(sides(args, peers, layers, batch), args.runs):
            print(f"{layers:>20} {batch:>5} {result['who']:12} {row(result)}", flush=True)
            results.append({"layers": layers, "batch": int(batch)} | result)
    if args.record:
        kept = record(args.ravine, peers, args.runs, args.threads, results)
        args.record.write_text(json.dumps(kept, indent=2) + "\n")


def sides(args, peers, *case):
    """Who is timed on a case."""
    sides = {"ravine": lambda: ours(args.ravine, args.threads, *case)}
    sides |= {name: lambda name=name: peer(name, args.threads, *case) for name in peers}
    names = RUST if args.rust else []
    known = {name: lambda name=name: rust_rounds(args.rust, args.threads, name, *case) for name in names}
    return sides | {name: side for name, side in known.items() if side() is not None}


if __name__ == "__main__":
    main()
