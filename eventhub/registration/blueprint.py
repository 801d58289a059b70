"""The blueprint that all pages of registration share."""

from flask import Blueprint

pages = Blueprint("registration", __name__)
