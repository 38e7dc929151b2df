"""Everything that imports the webui's `modules.*`."""
