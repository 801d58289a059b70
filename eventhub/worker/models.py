"""When a worker was seen: the one thing that a worker has to say about itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from eventhub.database import Model, UTCDateTime


class WorkerSighting(Model):
    """The last sign of life of one worker process."""

    __tablename__ = "worker_sighting"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
