"""Domain names: who registered them and what DNS says, both asked through the door."""
