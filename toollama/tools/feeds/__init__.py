"""News feeds: RSS and Atom bytes as entries, and how entries are told."""
