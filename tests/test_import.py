"""What `import srcgrad` loads: NumPy, the standard library and itself."""

import json
import subprocess
import sys

LOADED_BY_SRCGRAD = """
import json, sys
import numpy
before = set(sys.modules)
import srcgrad
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def loaded_by_srcgrad() -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", LOADED_BY_SRCGRAD], capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def test_importing_srcgrad_loads_only_numpy_and_the_standard_library():
    allowed = sys.stdlib_module_names | {"numpy", "srcgrad"}
    assert [name for name in loaded_by_srcgrad() if name.split(".")[0] not in allowed] == []


def test_importing_srcgrad_does_not_load_what_only_training_needs():
    loaded = loaded_by_srcgrad()
    assert "srcgrad" in loaded
    assert [name for name in loaded if name.startswith("srcgrad.optim")] == []


def test_importing_srcgrad_does_not_load_the_compiler():
    parts = ("frontend", "graph", "rules", "transforms", "backends", "pipeline", "cache")
    loaded = loaded_by_srcgrad()
    assert [part for part in parts if f"srcgrad.{part}" in loaded] == []
