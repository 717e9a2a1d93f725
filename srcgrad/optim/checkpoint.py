"""Checkpoints: a training run written to one npz file and taken up again without loss.

The file holds every leaf of the parameters and of the optimiser's memory as it is in memory (dtype,
shape, axis order), and a manifest in JSON; nothing in it is ever executed.  The containers around
the leaves are not in the file: they come from parameters of the same structure that the program
makes anyway (`like`), and the file says where the two differ.
"""

from __future__ import annotations

import json
import os
import uuid
import zipfile
from pathlib import Path
from typing import Any, Generic, NamedTuple

import numpy as np

from srcgrad.errors import ArgumentError
from srcgrad.optim.optimizer import Array, OptimizerState, Params
from srcgrad.optim.trees import flatten, leaf_names, unflatten

_FORMAT = "srcgrad checkpoint 1"
_MANIFEST = "manifest"
_PYTHON_NUMBERS: dict[str, type] = {"float": float, "complex": complex}
_PLAIN = (bool, int, str, type(None))
_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


class Checkpoint(NamedTuple, Generic[Params]):
    """What `load_checkpoint` returns; `rng` is None where none was saved."""

    params: Params
    state: OptimizerState
    rng: np.random.Generator | None


def save_checkpoint(
    path: str | os.PathLike[str],
    params: Any,
    state: OptimizerState,
    rng: np.random.Generator | None = None,
) -> None:
    """Write parameters, the optimiser's state and optionally a random generator to an npz file.

    The file appears at once and whole: it is written beside `path` and then renamed, so that a run
    that is interrupted leaves the previous checkpoint as it was.

    Raises `ArgumentError` where a parameter is not a number, an array, a string or None.
    """
    leaves, structure = flatten(params)
    names = leaf_names(structure)
    arrays: dict[str, Array] = {}
    manifest = {
        "format": _FORMAT,
        "step": state.step,
        "names": names,
        "state_names": list(state.names),
        "params": [
            _describe(f"params:{k}", leaf, arrays, name)
            for k, (leaf, name) in enumerate(zip(leaves, names, strict=True))
        ],
        "memory": {
            kept: [
                _describe(f"{kept}:{k}", leaf, arrays, kept) for k, leaf in enumerate(remembered)
            ]
            for kept, remembered in state.memory.items()
        },
        "rng": None if rng is None else _describe_generator(rng),
    }
    arrays[_MANIFEST] = np.frombuffer(json.dumps(manifest).encode(), dtype=np.uint8)
    _write_at_once(Path(path), arrays)


def load_checkpoint(path: str | os.PathLike[str], like: Params) -> Checkpoint[Params]:
    """Read what `save_checkpoint` wrote, into containers like those of `like`.

    Going on from it gives bit for bit what the uninterrupted run would have given.

    Raises `ArgumentError` where the file is not a checkpoint, or its parameters differ from `like`
    in structure or shape; `FileNotFoundError` where there is none.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as members:
            arrays = dict(members)
        manifest = json.loads(arrays[_MANIFEST].tobytes())
    except (zipfile.BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
        raise ArgumentError(f"`{os.fspath(path)}` is not a whole srcgrad checkpoint") from error
    if manifest.get("format") != _FORMAT:
        raise ArgumentError(f"`{os.fspath(path)}` is not a {_FORMAT}")
    leaves, structure = flatten(like)
    names = leaf_names(structure)
    _check_names(manifest["names"], names)
    restored = [_restore(entry, arrays) for entry in manifest["params"]]
    for name, leaf, expected in zip(names, restored, leaves, strict=True):
        if np.shape(leaf) != np.shape(expected):
            raise ArgumentError(
                f"`{name}` has shape {np.shape(leaf)} in the checkpoint, "
                f"here it has shape {np.shape(expected)}"
            )
    memory = {
        kept: tuple(_restore(entry, arrays) for entry in entries)
        for kept, entries in manifest["memory"].items()
    }
    rng = manifest["rng"] and _restore_generator(manifest["rng"])
    state = OptimizerState(manifest["step"], memory, tuple(manifest.get("state_names", ())))
    return Checkpoint(unflatten(structure, restored), state, rng)


def _check_names(saved: list[str], wanted: list[str]) -> None:
    if saved == wanted:
        return
    missing = [name for name in wanted if name not in saved]
    surplus = [name for name in saved if name not in wanted]
    raise ArgumentError(
        "the checkpoint holds parameters of another structure"
        + (f"\n  not in the file: {', '.join(missing)}" if missing else "")
        + (f"\n  only in the file: {', '.join(surplus)}" if surplus else "")
    )


def _write_at_once(path: Path, arrays: dict[str, Array]) -> None:
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(draft, "xb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _describe(key: str, leaf: Any, arrays: dict[str, Array], name: str) -> dict[str, Any]:
    """How to restore a leaf; numbers and arrays are put into `arrays` under `key`."""
    if isinstance(leaf, np.generic):
        arrays[key] = np.asarray(leaf)
        return {"kind": "scalar", "key": key}
    if isinstance(leaf, np.ndarray):
        if leaf.dtype.hasobject:
            raise ArgumentError(f"cannot save `{name}`: it is an array of Python objects")
        order = _axis_order(leaf)
        arrays[key] = leaf.transpose(order)
        return {"kind": "array", "key": key, "order": order}
    if isinstance(leaf, _PLAIN):
        return {"kind": "plain", "value": leaf}
    if type(leaf).__name__ in _PYTHON_NUMBERS:
        arrays[key] = np.asarray(leaf)
        return {"kind": type(leaf).__name__, "key": key}
    raise ArgumentError(
        f"cannot save `{name}`: it is of type {type(leaf).__name__}",
        remedy="Parameters are numbers, arrays, strings and None in nested containers.",
    )


def _restore(entry: dict[str, Any], arrays: dict[str, Array]) -> Any:
    kind = entry["kind"]
    if kind == "plain":
        return entry["value"]
    array = arrays[entry["key"]]
    if kind == "array":
        return array.transpose(np.argsort(entry["order"]))
    if kind == "scalar":
        return array[()]
    return _PYTHON_NUMBERS[kind](array)


def _axis_order(array: Array) -> list[int]:
    """The axes from the slowest to the fastest in memory.

    Products of matrices may round differently for another order, so it is part of what is saved.
    """
    return sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))


def _describe_generator(rng: np.random.Generator) -> dict[str, Any]:
    bits = rng.bit_generator
    kind = type(bits).__name__
    if kind not in _BIT_GENERATORS:
        raise ArgumentError(f"cannot save a random generator that draws from {kind}")
    seeds = bits.seed_seq
    return {
        "kind": kind,
        "state": _to_json(bits.state),
        "seeds": seeds.state if isinstance(seeds, np.random.SeedSequence) else None,
    }


def _restore_generator(entry: dict[str, Any]) -> np.random.Generator:
    if entry["kind"] not in _BIT_GENERATORS:
        raise ArgumentError(f"unknown kind of random generator: {entry['kind']}")
    seeds = entry["seeds"] and np.random.SeedSequence(**entry["seeds"])
    bits = getattr(np.random, entry["kind"])(seeds)
    bits.state = _from_json(entry["state"])
    return np.random.Generator(bits)


def _to_json(state: Any) -> Any:
    if isinstance(state, dict):
        return {key: _to_json(value) for key, value in state.items()}
    if isinstance(state, np.ndarray):
        return {"dtype": state.dtype.name, "items": state.tolist()}
    return int(state) if isinstance(state, np.integer) else state


def _from_json(state: Any) -> Any:
    if not isinstance(state, dict):
        return state
    if state.keys() == {"dtype", "items"}:
        return np.array(state["items"], dtype=state["dtype"])
    return {key: _from_json(value) for key, value in state.items()}
