"""What training loops need: optimisers, gradient clipping, learning-rate schedules, checkpoints.

    optimizer = optim.Adam(optim.cosine(0.01, steps=1000, warmup=50))
    state = optimizer.init(params)
    for x, y in batches:
        value, grads = loss(params, x, y)
        params, state = optimizer.update(params, grads, state)

Nothing is changed in place: `update` returns new parameters and a new state.  Parameters are nested
containers (tuple, list, dict, named tuple, dataclass) of arrays and Python floats.  Needs optree,
which comes with `pip install 'srcgrad[train]'`; `import srcgrad` does not load this package.
"""

from srcgrad.optim.adam import Adam, AdamW
from srcgrad.optim.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from srcgrad.optim.clipping import clip_by_global_norm, clip_by_value, global_norm
from srcgrad.optim.optimizer import Optimizer, OptimizerState
from srcgrad.optim.rmsprop import RMSProp
from srcgrad.optim.schedules import Schedule, constant, cosine, exponential, step_decay
from srcgrad.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Checkpoint",
    "Optimizer",
    "OptimizerState",
    "RMSProp",
    "Schedule",
    "clip_by_global_norm",
    "clip_by_value",
    "constant",
    "cosine",
    "exponential",
    "global_norm",
    "load_checkpoint",
    "save_checkpoint",
    "step_decay",
]
