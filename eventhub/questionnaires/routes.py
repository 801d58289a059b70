"""Offers answers in words to templates; the pages that ask belong to other features."""

from flask import Flask

from eventhub.questionnaires import rules


def init_app(app: Flask) -> None:
    app.jinja_env.globals["answer_words"] = rules.words
