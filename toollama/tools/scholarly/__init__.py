"""Scholarly papers: how they are told and cited, whichever service found them."""
