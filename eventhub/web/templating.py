"""How templates are compiled: output is escaped as Jinja does, but not marked as safe piece by piece.

A template joins its pieces at once and marks the result, so the pieces themselves may be plain strings. On a
page with a long programme, marking each of them takes a sixth of the time.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import _escape_inner  # type: ignore[attr-defined] # the one way to escape without marking


def escaped(value: Any) -> str:
    """Return what `markupsafe.escape` returns, as a plain string."""
    if type(value) is str:
        return str(_escape_inner(value))
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return str(_escape_inner(str(value)))


class _Plain(CodeGenerator):
    """Puts out plain strings wherever a template surely escapes."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.globals['escaped'](")


def compile_plainly(templates: Environment) -> None:
    """Let these templates be compiled so."""
    templates.globals["escaped"] = escaped
    templates.code_generator_class = _Plain


def init_app(app: Flask) -> None:
    """Set up the application's templates."""
    compile_plainly(app.jinja_env)
