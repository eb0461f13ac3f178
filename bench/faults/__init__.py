"""Whether any fault hangs a run, gets through to the user or passes a budget: share of bad ends.

Seeded schedules of faults in models, loads, tools, budgets and cancellations run through the whole
hierarchy on virtual time; engine and tools are scripted, everything else is the program's own.
"""

import sys
import time
from collections import Counter

from bench.report import Result

_FULL = 10_000
_QUICK = 500
_SHOWN = 10


def run(*, quick: bool) -> Result:
    """Play the schedules, print how they ended and what was wrong; return the bad ones' number."""
    from bench.faults.schedules import judge, make, play
    from bench.faults.virtual import Hung
    from bench.faults.world import quiet_logs

    ends: Counter[str] = Counter()
    bad: list[str] = []
    began_s = time.perf_counter()
    with quiet_logs():
        for seed in range(_QUICK if quick else _FULL):
            schedule = make(seed)
            try:
                outcome = play(schedule)
            except Hung:
                ends["hung"] += 1
                bad.append(f"seed {seed}: hung")
                continue
            except Exception as error:  # noqa: BLE001 - to find any is what this is for
                ends["uncaught"] += 1
                bad.append(f"seed {seed}: {type(error).__name__}: {error}")
                continue
            ends[outcome.status] += 1
            bad += [f"seed {seed}: {fault}" for fault in judge(schedule, outcome)]
    for line in bad[:_SHOWN]:
        print(line[:400], file=sys.stderr)
    print(", ".join(f"{count} {status}" for status, count in ends.most_common()))
    print(f"{sum(ends.values())} schedules in {time.perf_counter() - began_s:.0f} s")
    return Result("faults", len(bad), 0, most=True)
