"""Progress bars, which a client grants when it likes."""

import asyncio

from codeassist.lsp.loading import LoadingBar


class Progress:
    """A client that grants a bar once it is allowed to, and keeps what it shows."""

    def __init__(self):
        self.granted = asyncio.Event()
        self.shown = []
        self.tokens = {}

    async def create_async(self, _token):
        await self.granted.wait()

    def begin(self, _token, value):
        self.shown.append((value.message, value.percentage))

    report = begin


async def test_what_was_done_before_it_was_granted():
    """A bar begins with what was reported while nobody saw it."""
    progress = Progress()
    bar = LoadingBar(progress, "training")
    bar.report(0.3, "3/10")
    progress.granted.set()
    await bar._asking
    bar.report(0.32)
    bar.report(0.4)

    assert progress.shown == [("3/10", 30), ("3/10", 40)]
