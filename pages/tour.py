"""The talk, ready to give: eight scenes, told with recorded runs, measured anew where somebody wants it."""

from __future__ import annotations

import streamlit as st

from pages.components.layout import setup_page
from pages.views.tour.navigator import NOTES_PARAMETER
from pages.views.tour.notes import draw_notes
from pages.views.tour.stage import draw_stage


def main() -> None:
    """Draw the stage, or in a window of its own the speaker's notes."""
    is_notes = st.query_params.get(NOTES_PARAMETER) == "1"
    settings = setup_page("Tour", wide=not is_notes)
    if is_notes:
        draw_notes(settings)
    else:
        draw_stage(settings)


if __name__ == "__main__":
    main()
