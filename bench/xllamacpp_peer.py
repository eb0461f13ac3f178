"""The child process of `batching`: answers each line of orders with xllamacpp's tokens/s."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from toollama.models.fit import SEQUENCES

_CONTEXT_TOKENS = 4096


def main(path: str, threads: int) -> None:
    """Load the model and serve orders until stdin ends."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx = _CONTEXT_TOKENS
    params.n_parallel = SEQUENCES
    params.kv_unified = True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(params)

    def write(prompt: str, tokens: int) -> int:
        answer: Any = server.handle_chat_completions(
            {
                "messages": [{"role": "user", "content": prompt}],
                "max_tokens": tokens,
                "temperature": 0,
                "cache_prompt": True,
            }
        )
        answer = json.loads(answer) if isinstance(answer, str) else answer
        return int(answer["usage"]["completion_tokens"])

    for line in sys.stdin:
        order = json.loads(line)
        limits = [order["tokens"]] * len(order["prompts"])
        with ThreadPoolExecutor(SEQUENCES) as pool:
            started_s = time.perf_counter()
            written = list(pool.map(write, order["prompts"], limits))
            duration_s = time.perf_counter() - started_s
        print(sum(written) / duration_s, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
