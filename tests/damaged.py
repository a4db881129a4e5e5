"""PDFs with holes, as a bad disk or a broken download leaves them."""

from __future__ import annotations

import re


def erase_pages(data: bytes, *numbers: int) -> bytes:
    """The PDF with the page objects of these pages (from 1) overwritten by zeros; no byte moves."""
    kids = re.search(rb"/Kids \[([^\]]*)\]", data)
    if kids is None:
        raise ValueError("the PDF lists its pages in another way")
    objects = re.findall(rb"(\d+) 0 R", kids.group(1))
    for number in numbers:
        start = (
            data.index(b"\n%s 0 obj\n" % objects[number - 1]) + len(objects[number - 1]) + len(b"\n 0 obj\n")
        )
        end = data.index(b"endobj", start)
        data = data[:start] + bytes(end - start) + data[end:]
    return data
