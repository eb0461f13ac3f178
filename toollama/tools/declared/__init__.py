"""Tools that are declared, not programmed: an OpenAPI document with `x-toollama` beside it.

- `durations`: `10min`, `60/min` in seconds
- `format`: the document, strictly
- `operations`: what the document's operations send
- `arguments`: a tool's parameters as a pydantic model
- `asking`: the arguments that a request's words hold
- `templates`, `plain_text`, `results`: an answer becomes statements
- `tool`: one operation as a tool
- `catalogue`: the documents that ship with the program
- `rehearsal`, `__main__`: check a document, and run its examples on this machine
"""
