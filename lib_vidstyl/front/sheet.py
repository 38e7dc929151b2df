"""Pictures to look at: many frames on one sheet, and one frame before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.sizes import resized

GROUND = (24, 24, 27)
TILE = 320
GAP = 8
LABEL = 22


def contact_sheet(images: Sequence[Image], *, columns: int, labels: Sequence[str] = ()) -> Image:
    """Frames in rows of `columns`, TILE pixels wide at most, with a label under each if there are labels."""
    height, width = images[0].shape[:2]
    shrink = min(1.0, TILE / width)
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    foot = LABEL if labels else 0
    rows = -(-len(images) // columns)
    step = (size[0] + GAP, size[1] + foot + GAP)
    sheet = Pillow.new("RGB", (columns * step[0] + GAP, rows * step[1] + GAP), GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    for number, image in enumerate(images):
        left, top = GAP + number % columns * step[0], GAP + number // columns * step[1]
        sheet.paste(Pillow.fromarray(resized(image, size)), (left, top))
        if labels:
            draw.text((left + 2, top + size[1] + 5), labels[number], fill=(220, 220, 220), font=font)
    return np.asarray(sheet)


def before_after(before: Image, after: Image) -> Image:
    """One picture: `before` on the left of a slanted white line, `after` on its right, at the size of `after`."""
    height, width = after.shape[:2]
    before = resized(before, (width, height))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = (x - width / 2) + (y - height / 2) * 0.18
    share = np.clip(distance + 0.5, 0, 1)[..., None]
    line = np.clip(max(1.0, width / 340) + 0.5 - np.abs(distance), 0, 1)[..., None]
    mixed = before * (1 - share) + after * share
    return np.rint(mixed * (1 - line) + 255 * line).astype(np.uint8)
