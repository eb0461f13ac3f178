"""Pages on Telegraph (telegra.ph): Markdown as its nodes, and the calls that write."""
