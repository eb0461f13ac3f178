"""Estimates of greenhouse gases from published factors."""
