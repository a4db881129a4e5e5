"""Is the first sentence of an extractive answer right where only a name with digits tells things apart?

    python tests/performance/exact_names.py

Part numbers, sections, years, error codes and contracts, each in a document where its neighbours say nearly
the same of another one. Right is an answer whose bold sentence, the first one, says what is true of that
name.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.answers.engine import Finished, stream_answer
from core.config.settings import Settings
from core.knowledge_base import KnowledgeBase
from tests.performance.report import print_settings

DOCUMENTS = {
    "pump-manual.md": """# Pump station: maintenance

## Parts

| Part | Name | Torque | Stock |
|---|---|---|---|
| QX-4471 | Impeller bolt | 35 Nm | 12 |
| QX-4472 | Impeller nut | 40 Nm | 0 |
| QX-4717 | Housing bolt | 55 Nm | 31 |
| RB-4471 | Shaft seal | 8 Nm | 4 |
| RB-0090 | Drain plug | 12 Nm | 7 |

## Faults

When the display shows E-101, the suction line is blocked and has to be rinsed. When it shows E-102, the
pressure line leaks; tighten the flange. When it shows E-110, the motor is too warm and the pump stops for
twenty minutes. E-201 means that the door of the cabinet is open. E-210 means that the fuse F7 has blown.

## Intervals

The pump P-12 is greased every 500 hours. The pump P-21 is greased every 2,000 hours. The pump P-22 needs no
grease, because its bearings are sealed. Fuse F7 protects the motor and carries 16 A. Fuse F17 protects the
display and carries 2 A.
""",
    "lease.txt": """Lease of the workshop

4.1 The rent is 1,250 euros a month and is due on the third working day.

4.2 The deposit is three rents and is kept on an account of its own.

4.12 Interest on arrears is nine points above the base rate.

7.3 The tenant paints the rooms every five years.

7.4 The landlord mends roof, walls and heating.

11.2 Either side may end the lease with six months' notice to the end of a quarter.

11.3 Contract K-4417 on the parking space ends together with the lease. Contract K-4471 on the storage room
goes on for two years.

Annex B lists the keys: the tenant has nine of them. Annex D lists the meters: there are four of them.
""",
    "town.txt": """A short history of the harbour

In 1871 the first quay was built of oak. In 1887 a storm took the quay away. In 1888 it was built anew of
granite. In 1917 the customs house burnt down. In 1971 the last fishing boat was sold. In 1987 the harbour
became a marina with 240 berths. In 2017 the marina was widened to 420 berths.

Act 12/1998 forbids nets in the outer basin. Act 21/1998 forbids anchoring near the wreck. Version 2.3 of the
harbour rules allows dogs on the lower deck. Version 3.2 of the harbour rules forbids open fire. Room A-114
keeps the charts, and room A-141 keeps the rescue boats.
""",
}
# A question, and what its first sentence has to say.
QUESTIONS = (
    ("What is the torque of QX-4471?", "35 Nm"),
    ("How tight is QX-4717 screwed?", "55 Nm"),
    ("How many RB-4471 are in stock?", r"RB-4471.*\b4\b"),
    ("What is part RB-0090?", "Drain plug"),
    ("Is QX-4472 in stock?", r"QX-4472.*\b0\b"),
    ("What does E-102 mean?", "pressure line leaks"),
    ("What is error E-110?", "motor is too warm"),
    ("The display says E-210, what now?", "fuse F7 has blown"),
    ("How often is P-21 greased?", "2,000 hours"),
    ("Does pump P-22 need grease?", "no grease"),
    ("What does fuse F17 protect?", "display"),
    ("What does section 4.2 say?", "three rents"),
    ("What is ruled in 4.12?", "nine points"),
    ("What is in section 7.3?", "paints the rooms"),
    ("How long does contract K-4471 run?", "two years"),
    ("What does Annex D list?", "meters"),
    ("What happened in 1887?", "storm took the quay"),
    ("What happened in 1971?", "last fishing boat"),
    ("What does Act 21/1998 forbid?", "anchoring"),
    ("What is kept in room A-141?", "rescue boats"),
)
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


async def measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in DOCUMENTS.items():
            paths.append(Path(folder) / name)
            paths[-1].write_text(text, encoding="utf-8")
        async with await KnowledgeBase.open(settings=Settings.from_env({"OVERLAP_DATA_DIR": folder})) as kb:
            await kb.ingest(*paths)
            said = [await _first_sentence(kb, question) for question, _ in QUESTIONS]
    are_right = [bool(re.search(right, text)) for text, (_, right) in zip(said, QUESTIONS, strict=True)]
    for (question, right), text, is_right in zip(QUESTIONS, said, are_right, strict=True):
        if not is_right:
            print(f"{question} Expected {right!r}, got: {text}")
    print(f"{sum(are_right)} of {len(QUESTIONS)} first sentences are right")


async def _first_sentence(kb: KnowledgeBase, question: str) -> str:
    async for event in stream_answer(question, store=kb.store, embedder=kb.embedder, llm=None):
        if isinstance(event, Finished):
            first = event.answer.text.split("\n\n")[0].replace("\\", "")
            bold = _BOLD.search(first)
            return bold[1] if bold else first
    raise AssertionError("an answer stream always ends in Finished")


if __name__ == "__main__":
    print_settings("llama-index-core", "milvus-lite", documents=len(DOCUMENTS))
    asyncio.run(measure())
