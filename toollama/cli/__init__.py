"""The command line: it parses input, owns both streams and turns every failure into one line."""
