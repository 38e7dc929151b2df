"""Reliability and security with numbers: a fast subset in every run, all of it with `-m trust`."""
