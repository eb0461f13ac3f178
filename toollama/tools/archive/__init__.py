"""The Wayback Machine of the Internet Archive: what it holds of an address."""
