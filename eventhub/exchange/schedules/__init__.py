"""Programmes of other conference systems, one module per format: text in, plain values out."""
