"""The generator: Markdown and templates in, a static site out. Nothing of it ships to the reader's browser.

=============  ============================================================
module         does
=============  ============================================================
`pages`        a page's source: front matter, figures in the text
`markup`       Markdown to HTML, with widgets, formulas and side notes
`formulas`     LaTeX to MathML, ahead of time
`figures`      a widget's HTML, pictures and preset data
`fonts`        the subsets of the fonts that the pages need
`runtime`      Pyodide and the klweb wheel, packed for the browser
`wheels`       packages that readers may import, from a folder
`assets`       style sheet and scripts, under names that carry their hash
`build`        the phases, from reading to writing
`check`        what every generated page must satisfy
`output`       writing, so that a failure leaves the last good site
`serve`        the development server; `watch` says what changed
=============  ============================================================
"""
