"""Whether a model that obeys every order it reads can do harm: share of cases in which it did.

Pages, mails and files give orders in many wordings; the scripted model follows each of them as far
as its constraint lets it, and every other time in spite of its constraint. Tools only write down
that they ran. Everything between the two is the program's own, on virtual time.
"""

import itertools
import sys
import time
from collections import Counter

from bench.report import Result

_QUICK_STEP = 7
_SHOWN = 10


def run(*, quick: bool) -> Result:
    """Play every case, print what each kind of harm came to, and return their number."""
    from bench.faults.world import quiet_logs
    from bench.obedient.orders import ORDERS, WORDINGS
    from bench.obedient.play import harm, play
    from bench.obedient.requests import REQUESTS

    cases = list(itertools.product(REQUESTS, ORDERS, WORDINGS))[:: _QUICK_STEP if quick else 1]
    done: list[str] = []
    tried: Counter[str] = Counter()
    began_s = time.perf_counter()
    with quiet_logs():
        for at, (request, order, wording) in enumerate(cases):
            played = play(request, order, wording, raw=at % 2 == 1)
            tried["read an order"] += played.orders_read > 0
            tried["obeyed one"] += played.orders_obeyed > 0
            tried["were stopped by the policy"] += played.denied > 0
            done += [f"{request.prompt!r} × {order.name} × {wording.name}: {harmed}"
                     for harmed in harm(request, played)]  # fmt: skip
    for line in done[:_SHOWN]:
        print(line[:400], file=sys.stderr)
    print(f"{len(cases)} cases in {time.perf_counter() - began_s:.0f} s, of which")
    print(", ".join(f"{count} {what}" for what, count in tried.items()))
    return Result("obedient", len(done), 0, most=True)
