"""What a web server such as gunicorn loads: `gunicorn wsgi:app`."""

from eventhub.app import create_app
from eventhub.worker.embedded import start_worker

app = create_app()
if app.config["SETTINGS"].embedded_worker:
    start_worker(app)
