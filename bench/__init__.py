"""What the figures about speed come from: ``python -m bench [weight] [build] [lighthouse] [start]``.

Each module measures one thing and returns one Markdown table; docs/performance.md explains the method.
"""
