"""OpenAPI operations: what strangers describe, read without trust, and the requests they mean.

What a tool sends, for declared and imported tools alike:

- `operation`: one operation as a tool needs it
- `serialising`: the parameter styles of OpenAPI
- `requests`: an operation and its arguments become one HTTP request

How a description becomes tools:

- `sources`: files, directories, URLs, APIs.guru
- `yaml_text`, `document`: bytes become bounded plain data
- `references`, `swagger`, `servers`: what a description refers to, in whichever version
- `secrets`, `schemes`: which parameters are keys, and what a description asks for
- `slimming`, `parameters`, `bodies`: what of it a small model is shown
- `naming`, `hints`: names, the place of the results, sample requests
- `compiling`: a description becomes a slim document of the declared format
- `importing`, `kept`: it becomes tools, which are kept
- `faults`: refusals and notes with their places
"""
