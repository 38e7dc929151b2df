"""Video Stylize: footage in, drawn or painted film out."""

__version__ = "0.1.0"
