"""Weather: the Open-Meteo services, their codes, and how people ask."""
