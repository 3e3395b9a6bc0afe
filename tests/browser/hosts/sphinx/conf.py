"""A course that Sphinx builds with its own theme."""

project = "A course"
html_show_sphinx = False
