"""The remote engine: models on servers with an OpenAI-compatible API. Imports httpx, lazily loaded.

`engine` is the face that agents see; `pool` spreads one model's requests over its endpoints, by the
pure rules of `balance`; `endpoint` talks to one server, in the words of `request` and `wire`.
"""
