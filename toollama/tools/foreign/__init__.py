"""Functions that others describe: a name, a text and a schema, with no utterances and no parser.

What a tool of our own reads from the words by a grammar of its own is read here by the cues that
every description gives: its nouns, its examples, its formats, its legends.

- `schema`: foreign type names and misplaced keywords become JSON Schema
- `signature`: a function as a Drummer sees it, nested objects laid flat
- `cues`: what a parameter's name and description say about its values
- `spans`: the pieces of a request that a value may be
- `dates`: dates and times in the format that a description asks for
- `places`: states by their letters
- `amounts`: numbers with their units, percents and coordinates
- `readers`: candidates for one parameter
- `proposing`: candidates for all parameters of a call, no value given twice
"""
