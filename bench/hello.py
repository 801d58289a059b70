"""The reference: what Flask alone costs under the same server, thread count and load."""

import os
import sys

from flask import Flask

from eventhub.web.server import server_for, stay_on_one_core

app = Flask("hello")


@app.get("/")
def hello() -> str:
    return "Hello, world!"


if __name__ == "__main__":
    stay_on_one_core(os.getpid())
    server_for(app, "127.0.0.1", int(sys.argv[1])).run()
