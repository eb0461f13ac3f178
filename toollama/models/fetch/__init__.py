"""Getting model files onto this machine and knowing that they are whole.

Sources are parsed (`sources`), bytes arrive from the hub (`hub`) or from a plain URL (`download`),
and every file is checked (`verify`) before it takes its place (`pull`).
"""
