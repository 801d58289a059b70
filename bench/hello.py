"""The reference: what Flask alone costs under the same server, thread count and load."""

import sys

from flask import Flask
from waitress import serve

from eventhub.serving import THREADS

app = Flask("hello")


@app.get("/")
def hello() -> str:
    return "Hello, world!"


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=THREADS, ident=None)
