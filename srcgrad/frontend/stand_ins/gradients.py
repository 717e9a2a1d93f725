"""What is done to gradients while they flow, written out."""

from __future__ import annotations

from typing import Any

import numpy as np

from srcgrad.markers import on_gradient


def clip_gradient(x: Any, low: Any = None, high: Any = None, *, norm: Any = None) -> Any:
    g: Any
    with on_gradient(x) as g:
        if norm is None:
            g = np.clip(g, low, high)
        else:
            size = np.sqrt(np.sum(np.abs(g) ** 2))
            if size > norm:
                g = g * (norm / size)
    return x
