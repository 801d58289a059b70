"""What a web server such as gunicorn loads: `gunicorn wsgi:app`."""

from eventhub.app import create_app
from eventhub.operation import logs
from eventhub.worker.broker import start_messenger
from eventhub.worker.embedded import start_worker

app = create_app()
logs.configure(app.config["SETTINGS"])
if app.config["SETTINGS"].embedded_worker:
    start_worker(app)
else:
    start_messenger(app)
