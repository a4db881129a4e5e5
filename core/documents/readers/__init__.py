"""Files of every format, read into pages of text.

A reader is a function `read_x(file, data) -> ReadResult`, named by a row of `core.documents.formats.FORMATS`.
It gets the file's name, for messages, and all of its bytes; those of a text are in UTF-8 where the file does
not declare another encoding. A reader

- makes its pages with `core.documents.blocks.page_of`: a single one without a number, or several from 1 on;
- raises a `DocumentError`, whose sentence names the file and says what to do, and beside it MemoryError only;
- opens a ZIP container inside of `container.parsing`, which checks it and turns what parsers raise into ours;
- counts with `limits` what can become far longer than the file, as rows do that repeat their columns' names;
- says in the result's notes what it could not read.

With each change of what readers give of a file, `core.documents.models.READER_VERSION` is raised by one: then
documents that are there count as outdated, and are read anew when they are added again.
"""
