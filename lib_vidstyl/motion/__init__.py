"""Motion: optical flow and what it explains, scene cuts, choice of keyframes. Arrays in, new arrays out."""
