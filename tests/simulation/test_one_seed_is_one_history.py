"""Is a history replayed exactly, in any process, whatever was played before it?"""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_SCRIPT = """
import sys
from hashlib import sha256
from sandbox.simulation import history
from sandbox.simulation.play import play_seed
from sandbox.simulation.runner import quiet_process
made = []
run = history.History.run
history.History.run = lambda self: (made.append(self), run(self))[1]
with quiet_process():
    for seed in map(int, sys.argv[1:]):
        played = play_seed(seed)
        table = sorted((name, str(body)) for name, body in made[-1].table.dump().items())
        files = sorted(made[-1].ports.files.content.items())
        said = repr((played.story, sorted(played.reached.items()), table, files))
        print(seed, sha256(said.encode()).hexdigest())
"""


def _digests(hash_seed: str, *seeds: int) -> dict[str, str]:
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", _SCRIPT, *map(str, seeds)],
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split() for line in done.stdout.splitlines())


def test_a_seed_is_the_same_history_in_every_process_and_order() -> None:
    one = _digests("1", 3, 7, 11, 40)
    other = _digests("2", 40, 11, 3, 7)
    assert one == other
    assert len(set(one.values())) == 4
