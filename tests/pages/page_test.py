"""Pages run without a browser."""

from __future__ import annotations

from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest

from core.runtime.paths import REPOSITORY

TIMEOUT_S = 60.0


def page_test(name: str) -> AppTest:
    """A page of the app, such as "ask", that has not run yet."""
    return quick(AppTest.from_file(str(REPOSITORY / "pages" / f"{name}.py"), default_timeout=TIMEOUT_S))


def quick(page: AppTest) -> AppTest:
    """The same without a search for components of Streamlit in all that is installed.

    Streamlit would read the metadata of each package for each test, a quarter of a second; the app has
    no such component.
    """
    page._bidi_component_manager = BidiComponentManager()
    return page
