import subprocess
import sys


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    return result.stdout + result.stderr


def test_without_optree_the_error_says_what_to_install():
    output = run("import sys; sys.modules['optree'] = None; import srcgrad.optim")
    assert "pip install 'srcgrad[train]'" in output
    assert "ImportError" in output
