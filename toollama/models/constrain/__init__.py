"""Constrained decoding: what a schema, a choice or a pattern lets a model write next.

Grammars are compiled and matched by llguidance, whose faults come back as text and never as a
crash. What cannot be enforced is refused with its place; nothing is ever loosened silently.

- `grammar`: a constraint becomes an llguidance grammar, or a refusal that says where
- `cost`: sizes and patterns that would take the compiler too long
- `shape`: keywords with a value that they cannot have
- `enforce`: what llguidance takes but does not hold to, refused or written more narrowly
- `exclusive`: tagged unions, whose `oneOf` llguidance cannot prove
- `progress`: references that can never end
- `locate`: the place of a fault that llguidance only names
- `matcher`: one generation followed token by token
"""

from toollama.models.constrain.grammar import compile_grammar
from toollama.models.constrain.matcher import Matcher, Tokenizer, TokenTable

__all__ = ["Matcher", "TokenTable", "Tokenizer", "compile_grammar"]
