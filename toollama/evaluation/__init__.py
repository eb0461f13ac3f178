"""How well calls are made: task sets, their marking, and the arms that are compared on them.

- `tasks`: one item of a set, read from JSON lines in the format of BFCL
- `marking`: whether a call is right, by BFCL's rules
- `intervals`: what a share of right calls says about the next hundred
- `python_calls`: calls that a model wrote as Python
- `arms`: ToolLama's Drummer and the baselines on the same file
- `trial`: a set run through the arms
"""
