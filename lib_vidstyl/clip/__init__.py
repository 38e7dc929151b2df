"""Files: video, image sequence and sound, in and out. The only place that knows PyAV and PNG."""
