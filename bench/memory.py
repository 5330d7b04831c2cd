"""How much memory did this process take at most?"""

import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

_STATUS = Path("/proc/self/status")
_KB = 1000 if sys.platform != "darwin" else 1_000_000  # macOS tells bytes


def peak_mb() -> float:
    """Megabytes resident at most, since this program began.

    On Linux from the program's own high-water mark: getrusage's is inherited by a program that a
    larger process starts, so that it would tell how large the benchmark itself had been.
    """
    if _STATUS.exists():
        told = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines() if ":" in line)
        if "VmHWM" in told:
            return int(told["VmHWM"].split()[0]) * 1024 / 1_000_000
    return getrusage(RUSAGE_SELF).ru_maxrss / _KB
