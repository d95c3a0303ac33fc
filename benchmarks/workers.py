"""
What a second worker brings, and how much memory a run takes: `python benchmarks/workers.py [MEGABYTES [ROUNDS]]`.

The sample articles, repeated to so many megabytes of JSON Lines (default 20), are stripped with one worker and two,
alternately; the best round counts, since the machine has other things to do. The processor time says what two workers
would bring on two free cores. The largest memory of the parent and of its workers is read from /proc (Linux).
"""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(megabytes: int = 20, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.jsonl")
        count = _write(source, megabytes << 20)
        print(f"{count} documents, {source.stat().st_size >> 20} MB of JSON Lines")
        seconds: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
        memory: dict[str, int] = {}
        for _, workers in itertools.product(range(rounds), seconds):
            seconds[workers].append(_run(source, Path(folder, "out.jsonl"), workers, memory))
        clock = {workers: min(wall for wall, _ in times) for workers, times in seconds.items()}
        used = {workers: min(cpu for _, cpu in times) for workers, times in seconds.items()}
        for workers, least in clock.items():
            speed = f"{count / least:.0f} documents a second"
            print(f"{workers} workers: {least:.1f} s, {speed}, {used[workers]:.1f} s of processor time")
        print(
            f"two workers are {clock[1] / clock[2]:.2f} x as fast as one; on free cores {2 * used[1] / used[2]:.2f} x"
        )
        print(", ".join(f"{name} at most {kilobytes >> 10} MB" for name, kilobytes in sorted(memory.items())))


def _write(path: Path, size: int) -> int:
    folder = Path(__file__).parents[1] / "tests" / "fixtures"
    files = sorted([*folder.glob("articles/*/source.txt"), *folder.glob("clean/*.txt")])
    texts = itertools.cycle([file.read_text(encoding="utf-8") for file in files])
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        while stream.tell() < size:
            stream.write(json.dumps({"id": count, "text": next(texts)}, ensure_ascii=False) + "\n")
            count += 1
    return count


def _run(source: Path, target: Path, workers: int, memory: dict[str, int]) -> tuple[float, float]:
    command = [sys.executable, "-m", "stripper", "strip", str(source), "-o", str(target), "-q", "-j", str(workers)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(command)  # noqa: S603 - this very program
    while process.poll() is None:
        _look(process.pid, "parent", memory)
        for place in Path("/proc").glob("[0-9]*"):
            if _parent(place) == process.pid:
                _look(int(place.name), "a worker", memory)
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(process.returncode)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _parent(place: Path) -> int:
    try:
        return int((place / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _look(pid: int, name: str, memory: dict[str, int]) -> None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return
    resident = next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
    memory[name] = max(memory.get(name, 0), resident)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
