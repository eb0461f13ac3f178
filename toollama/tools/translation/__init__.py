"""Translation: languages by name, texts in pieces, and the words of a request to translate."""
