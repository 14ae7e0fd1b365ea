"""Makes the seeds beside this file. Wants NumPy."""

import hashlib
import json
from pathlib import Path

import numpy as np

SEEDS = Path(__file__).parent / "seeds"


def seed(name, data):
    path = SEEDS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def text(name, words):
    return seed(name, words.encode())


numbers = np.array([[1.5, -2, 3e4], [0, 5, 6], [7, 0.25, -1]])
types = ["<f4", ">f8", "<f2", "|u1", "<i8", ">u2", "|b1"]

text("csv/plain", "a,b,y\n1,2,3\n-4.5,5e-3,+6\n")
text("csv/quoted", '\ufeff"a, ""b""", y\r\n\r\n 1 ,"2"\r\n3,4')
text("csv/short", "x,y\n.5,nan\n1e39\n")

for kind in types:
    path = SEEDS / "npy" / kind.replace("<", "le").replace(">", "be").replace("|", "")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.save(file, numbers.clip(0).astype(kind))
    seed(f"array_npz/{path.name}", path.read_bytes())
with (SEEDS / "npy/fortran").open("wb") as file:
    np.save(file, np.asfortranarray(numbers[:, :2].astype("<f4")))
with (SEEDS / "npy/labels.npy").open("wb") as file:
    np.save(file, np.array([7, 8, 9], "|u1"))
seed("array_npz/fortran", (SEEDS / "npy/fortran").read_bytes())

(SEEDS / "npz").mkdir(exist_ok=True)
for save in [np.savez, np.savez_compressed]:
    with (SEEDS / "npz" / save.__name__).open("wb") as file:
        save(file, X=numbers.astype("<f4"), y=np.array([1, 2, 3], "<i8"), note=np.array(5.0))

for code, kind in [(8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")]:
    head = bytes([0, 0, code, 2, 0, 0, 0, 3, 0, 0, 0, 3])
    seed(f"idx/matrix-{code}", head + numbers.clip(0, 99).astype(kind).tobytes())
seed("idx/labels", bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]))
seed("idx/images", bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, *range(8)]))

names = {"layers.0.weight": [1, 2], "layers.0.bias": [1]}
for prefixes in [[""], ["", "velocity."]]:
    tensors = {prefix + name: shape for prefix in prefixes for name, shape in names.items()}
    end, header = 0, {"__metadata__": {}}
    for name, shape in tensors.items():
        begin, end = end, end + 4 * max(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    words = {"contract": "2", "step": "3", "skipped": "0", "beta_product": "0.729"}
    words |= {"random": json.dumps({"seed": 0, "epoch": 1, "batch": 2}), "checksum": "0" * 64}
    header["__metadata__"] = words
    compact = json.dumps(header, separators=(",", ":")).encode()
    data = np.arange(end // 4, dtype="<f4").tobytes()
    whole = len(compact).to_bytes(8, "little") + compact + data
    checksum = hashlib.sha256(whole).hexdigest().encode()
    seed(f"saved/{len(prefixes)}", whole.replace(b"0" * 64, checksum))

text("trace/plain", "step,loss,grad_norm,lr,momentum\n0,0.5,,0.1,0.9\n1,0.25,1e-3,0.1,0.9\n")
text("trace/no-step", "loss\n0.5\nNaN\n-inf\n")
