"""Places of OpenStreetMap: where an address lies, and what lies around it."""
