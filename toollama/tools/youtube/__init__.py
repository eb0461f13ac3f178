"""YouTube transcripts, by a library that brings its own client."""
