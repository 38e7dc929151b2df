"""Steady films: flicker taken out of stylised frames, and measured."""
