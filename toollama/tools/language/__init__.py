"""Words that several tools read or write alike."""
