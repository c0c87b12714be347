"""The cells that Neovim has a front end draw, and a picture of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Screen"]

FOREGROUND, BACKGROUND = 0xD8DEE9, 0x1F2430
SIZE, MARGIN = 22, 14
"""Pixels: of a line of text, and around all."""

MASK, GREEN = 0xFF, 8


class Screen:
    """Follows the orders of `ext_linegrid`."""

    def __init__(self) -> None:
        self.rows: list[list[tuple[str, int]]] = []
        """Of each cell its text and the number of its highlight."""

        self.cursor = (0, 0)
        self._styles: dict[int, dict[str, Any]] = {}
        self._usual = (FOREGROUND, BACKGROUND)

    def take(self, batch: Iterable[Sequence[Any]]) -> None:
        """Take the parameters of one `redraw`."""
        for name, *calls in batch:
            order = getattr(self, f"_{name}", None)
            if order is not None:
                for call in calls:
                    order(*call)

    def _grid_resize(self, _grid: int, width: int, height: int) -> None:
        self.rows = [[(" ", 0)] * width for _ in range(height)]

    def _grid_clear(self, _grid: int) -> None:
        self.rows = [[(" ", 0)] * len(row) for row in self.rows]

    def _grid_cursor_goto(self, _grid: int, row: int, column: int) -> None:
        self.cursor = (row, column)

    def _grid_line(
        self, _grid: int, row: int, column: int, cells: list[Any], *_wrap: object
    ) -> None:
        style = 0
        for text, *more in cells:
            style = more[0] if more else style
            for _ in range(more[1] if len(more) > 1 else 1):
                self.rows[row][column] = (text, style)
                column += 1

    def _grid_scroll(
        self, _grid: int, top: int, bottom: int, left: int, right: int, by: int, *_: int
    ) -> None:
        lines = range(top, bottom) if by > 0 else range(bottom - 1, top - 1, -1)
        for row in lines:
            if top <= row + by < bottom:
                self.rows[row][left:right] = self.rows[row + by][left:right]

    def _hl_attr_define(self, number: int, style: dict[str, Any], *_: object) -> None:
        self._styles[number] = style

    def _default_colors_set(self, text: int, ground: int, *_: int) -> None:
        self._usual = (
            text if text >= 0 else FOREGROUND,
            ground if ground >= 0 else BACKGROUND,
        )

    # -- as a picture ------------------------------------------------------------------

    def draw(self, file: Path, rows: int | None = None) -> None:
        """Write a picture.

        Args:
            file: PNG.
            rows: So many from the top; None: all.
        """
        from matplotlib import get_data_path
        from PIL import Image, ImageDraw, ImageFont

        fonts = Path(get_data_path()) / "fonts" / "ttf"
        font = ImageFont.truetype(fonts / "DejaVuSansMono.ttf", SIZE * 3 // 4)
        wide = font.getlength("M")
        shown = self.rows[:rows]
        width = int(wide * len(shown[0])) + 2 * MARGIN
        picture = Image.new("RGB", (width, SIZE * len(shown) + 2 * MARGIN))
        brush = ImageDraw.Draw(picture)
        brush.rectangle((0, 0, *picture.size), fill=_rgb(self._usual[1]))
        for row, cells in enumerate(shown):
            for column, (text, style) in enumerate(cells):
                colours = self._colours(style)
                if (row, column) == self.cursor:
                    colours = colours[::-1]
                x, y = MARGIN + column * wide, MARGIN + row * SIZE
                if colours[1] != self._usual[1]:
                    brush.rectangle((x, y, x + wide, y + SIZE), fill=_rgb(colours[1]))
                brush.text((x, y + 1), text, font=font, fill=_rgb(colours[0]))
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.quantize(64).save(file, optimize=True)

    def _colours(self, style: int) -> tuple[int, int]:
        known = self._styles.get(style, {})
        text = known.get("foreground", self._usual[0])
        ground = known.get("background", self._usual[1])
        return (ground, text) if known.get("reverse") else (text, ground)


def _rgb(colour: int) -> tuple[int, int, int]:
    return colour >> 2 * GREEN & MASK, colour >> GREEN & MASK, colour & MASK
