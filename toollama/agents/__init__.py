"""The hierarchy: Camina plans and answers, Belters break down and merge, Drummers call tools."""
