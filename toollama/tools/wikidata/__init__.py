"""Facts of Wikidata by name: which properties can be asked for, and the queries that ask."""
