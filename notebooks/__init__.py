"""The analysts' rooms: marimo apps and a JupyterLab quick start over the read models and `risk/`.

`python -m notebooks` (or `make lab`) opens them. Nothing here shows a name: analysts see
pseudonymous children, birth months and village codes.
"""
