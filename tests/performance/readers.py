"""How long reading takes, type by type, on files that this makes; beside another checkout and markitdown.

    python tests/performance/readers.py [--against CHECKOUT] [--repeats 5]

Printed: CPU time of the fastest of several reads in a process of its own, in ms. `--against`: a folder with
another version of the project, which reads the same files; the factor is ours to its. markitdown is
measured where it is installed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

READ = """
import sys, time
path, repeats = sys.argv[1], int(sys.argv[2])
data = open(path, "rb").read()
try:
    from core.documents.readers.reader import read_document
except ImportError:
    from core.documents.readers import read_document
def read():
    read_document(path, data)
"""
READ_MARKITDOWN = """
import sys, time
from markitdown import MarkItDown
path, repeats = sys.argv[1], int(sys.argv[2])
reader = MarkItDown()
def read():
    reader.convert(path)
"""
MEASURE = """
best = float("inf")
for _ in range(repeats):
    started_s = time.process_time()
    read()
    best = min(best, time.process_time() - started_s)
print(best)
"""
PROSE = "The lamp is a part of the old house, and stands beside a door that nobody opens any more. "


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--against", type=Path, help="folder with another version of the project")
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    has_markitdown = find_spec("markitdown") is not None
    print(f"{'type':8}{'kB':>8}{'ours':>10}{'before':>10}{'factor':>8}{'markitdown':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for name, data in _files().items():
            path = Path(folder) / f"measured.{name}"
            path.write_bytes(data)
            ours = _measured(READ, path, args.repeats, ROOT)
            before = _measured(READ, path, args.repeats, args.against) if args.against else None
            other = _measured(READ_MARKITDOWN, path, args.repeats, ROOT) if has_markitdown else None
            factor = f"{ours / before:.2f}" if ours and before else "-"
            cells = f"{_ms(ours):>10}{_ms(before):>10}{factor:>8}{_ms(other):>12}"
            print(f"{name:8}{len(data) / 1000:>8,.0f}{cells}", flush=True)
    return 0


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:,.1f}"


def _measured(script: str, path: Path, repeats: int, checkout: Path) -> float | None:
    """None where it does not read the type."""
    done = subprocess.run(
        [sys.executable, "-c", script + MEASURE, str(path), str(repeats)],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
    )
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def _files() -> dict[str, bytes]:
    from tests import documents as build
    from tests import ole_documents as ole
    from tests.binary_excel import BinarySheet, build_xlsb

    rows = [["Town", "Year", "Sales"], *([f"Town {number}", 2026, number * 1.5] for number in range(2000))]
    text = "\n\n".join([PROSE * 8] * 1000)
    line = "".join(f"<p>{PROSE * 4}</p><ul><li>one<li>two</ul>" for _ in range(500))
    table = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in rows)
    return {
        "pdf": build.build_pdf([PROSE * 30] * 60),
        "docx": build.build_docx([*([PROSE * 4] * 400), rows[:200]]),
        "pptx": build.build_pptx([PROSE * 4] * 60, table=rows[:60]),
        "xlsx": build.build_xlsx({"Sales": rows}),
        "html": f"<html><body>{line}<table>{table}</table>".encode(),
        "csv": "\n".join(";".join(map(str, row)) for row in rows * 5).encode(),
        "txt": text.encode(),
        "md": f"# Head\n\n{text}".encode(),
        "json": json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows * 5]).encode(),
        "jsonl": "\n".join(json.dumps(row) for row in rows * 5).encode(),
        "py": (f"def f():\n    return '{PROSE}'\n\n\n" * 2000).encode(),
        "xml": f"<rows>{''.join(f'<row><name>{row[0]}</name></row>' for row in rows * 3)}</rows>".encode(),
        "eml": build.build_mail(text, attachments={"a.pdf": build.build_pdf([PROSE * 30] * 10)}),
        "epub": build.build_epub([f"<h1>A chapter</h1>{line}"] * 5),
        "odt": build.build_odf("text", f"<text:p>{PROSE * 4}</text:p>" * 2000),
        "rtf": f"{{\\rtf1\\ansi {''.join(f'{PROSE * 4}{chr(92)}par ' for _ in range(1000))}}}".encode(),
        "xls": ole.build_old_excel(rows),
        "xlsb": build_xlsb([BinarySheet("Sales", rows)]),
    }


if __name__ == "__main__":
    sys.exit(main())
