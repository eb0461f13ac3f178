"""The figures of the property Belter: exact, pure, and the same for every tool that states them.

`amounts` reads sums of money in words, `loans` and `returns` compute with fractions, `amenities`
and `quality` are scores of ToolLama's own with their formulas in their docstrings.
"""
