"""Dates, zones and clock times: exact calendar arithmetic, and how people write them."""
