"""What the figures about speed come from: ``python -m bench [NAME …] [--runs N] [--conditions …]``.

Each module measures one thing and returns one section in Markdown, a table and, for what has a target, whether it is
met; docs/performance.md explains the method.
"""
