"""``python -m benchmarks``: what it prints, and what it says where it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_a_run_is_told_as_json_with_each_target_and_whether_it_is_met() -> None:
    ran = benchmarks("--json", "clock")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["machine"].keys() == {"cores", "python", "libraries", "load"}
    for row in told["found"]:
        assert (row["suite"], row["kind"], row["least"]) == ("clock", "figure", True)
        assert row["met"] == (row["ratio"] >= row["target"])
        assert row["name"] in ran.stderr
    assert len(told["found"]) == 2


def test_an_unknown_suite_is_told_those_there_are() -> None:
    ran = benchmarks("clocks")
    assert ran.returncode == 2
    assert "unknown: clocks; there are reads, signatures, worlds" in ran.stderr


def test_what_is_not_installed_is_told_with_the_command_that_installs_it() -> None:
    program = """
import sys
sys.modules["psutil"], sys.argv[1:] = None, ["memory"]
from benchmarks.__main__ import main
main()
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert ran.stderr == "memory needs psutil: pip install -e '.[bench]'\n"
