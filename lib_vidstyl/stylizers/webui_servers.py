"""Several remote webuis: who of them answers; one that does not is asked now and then, and takes part again when it does."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence

from lib_vidstyl.errors import VidStylError
from lib_vidstyl.stylizers.webui_client import ServerGone, WebuiClient

FIRST, LONGEST = 2.0, 30.0
"""Seconds before a server that went away is asked again: first, and at most; they double each time."""
LOSSES = 4
"""So often a server may go away without a frame painted in between; one that only seems to come back would hold up the others."""


class Servers:
    """Which servers answer. Those that do not are asked in the background, where they delay nobody, until `close`.

    look: asks one, once, whether it is there and fit; raises ServerGone if it is not there, another VidStylError if it is not
    fit. say: is given sentences for the user.
    """

    def __init__(self, clients: Sequence[WebuiClient], look: Callable[[WebuiClient], None], say: Callable[[str], None]) -> None:
        self._look, self._say = look, say
        self._living = list(clients)
        self._awaited: set[WebuiClient] = set()
        self._losses: Counter[WebuiClient] = Counter()
        self._changed = threading.Condition()
        self._closed = threading.Event()

    @property
    def living(self) -> list[WebuiClient]:
        """Those that answer, as far as is known."""
        with self._changed:
            return list(self._living)

    @property
    def hopeless(self) -> bool:
        """Whether none answers, and none is asked any more."""
        with self._changed:
            return not self._living and not self._awaited

    def lose(self, client: WebuiClient) -> None:
        """It has not answered: it gets nothing to do until it does again."""
        with self._changed:
            if client not in self._living:
                return
            self._living.remove(client)
            self._losses[client] += 1
            losses = self._losses[client]
            if losses < LOSSES:
                self._awaited.add(client)
        if losses < LOSSES:
            self._say(f"The webui at {client.name} does not answer; it is used again as soon as it does.")
            again = (client, FIRST * 2 ** (losses - 1))
            threading.Thread(target=self._ask, args=again, name="vidstyl-webui-again", daemon=True).start()
        else:
            self._say(f"The webui at {client.name} went away {losses} times without painting a frame; it is left out from here on.")

    def useful(self, client: WebuiClient) -> None:
        """It has painted a frame."""
        self._losses[client] = 0

    def wait(self, seconds: float) -> bool:
        """Wait so long for one that answers; whether there is one."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._living), seconds)

    def close(self) -> None:
        """Ask nobody any more."""
        self._closed.set()

    def _ask(self, client: WebuiClient, pause: float) -> None:
        while not self._closed.wait(min(pause, LONGEST)):
            pause *= 2
            try:
                self._look(client)
            except ServerGone:
                continue
            except VidStylError as error:
                self._say(f"The webui at {client.name} answers again, but is left out: {error}")
                continue
            with self._changed:
                self._awaited.discard(client)
                self._living.append(client)
                self._changed.notify_all()
            self._say(f"The webui at {client.name} answers again and takes part.")
            return
