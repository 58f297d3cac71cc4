"""What a worker does with a wake-up, whichever engine brought it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from broadcaster.errors import Unavailable
from broadcaster.services import dispatching
from broadcaster.services.communes import Communes

log = logging.getLogger(__name__)


class Handler:
    """An engine's `Handle`, by this process's clock. `may_begin`: asked before every delivery."""

    def __init__(self, communes: Communes, may_begin: Callable[[], bool] = lambda: True) -> None:
        self._communes, self._may_begin = communes, may_begin

    def __call__(self, commune_id: int, delivery_id: int) -> bool:
        if not self._may_begin():
            return False  # still due: the sweep gives it to somebody else
        try:
            context = self._communes.of(commune_id)
            return dispatching.handle(context, delivery_id, context.clock())
        except Unavailable as error:
            log.warning("delivery %s: %s", delivery_id, error.text.en)
            return False
        except Exception:
            log.exception("delivery %s", delivery_id)
            return False
