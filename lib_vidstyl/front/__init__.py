"""Ways in: command line, Python, and what they share with the tab and the script."""
