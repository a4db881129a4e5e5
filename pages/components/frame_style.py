"""The frame of every page: its width, its navigation, how outcomes look. It comes with the page itself.

By itself, since the server needs it at its start, and nothing else of what draws pages.
"""

from __future__ import annotations

# As wide as its longest name: Streamlit's own 300 px are missed by charts on a small projector.
NAVIGATION_REM = 13.5
# The frame is as wide as charts and tables need; what is read keeps to lines of some 80 characters in it.
# Titles and all else begin at the frame's left edge, on every page. The frame comes with the page itself.
READING_REM, CHARTS_REM = 46, 70
# Icons of the navigation, by what the addresses of its pages end with. Not those of `st.Page`: of these
# Streamlit makes the browser's icon until the page has set its own, and fetches it from the internet.
NAVIGATION_ICONS = {
    "/": "forum",
    "/documents": "description",
    "/knowledge_bases": "database",
    "/evaluate": "fact_check",
    "/tour": "slideshow",
    "/benchmark": "speed",
    "/runs": "history",
    "/system": "settings",
}
_ICONS_STYLE = "\n".join(
    f'[data-testid="stSidebarNavLink"][href$="{address}"]::before{{content:"{icon}" / ""}}'
    for address, icon in NAVIGATION_ICONS.items()
)
# Streamlit's own export of a table leaves cells that begin with "=" as they are: a document's name would
# be a formula. Where a table is worth keeping, the page has a download of its own.
# Paragraphs find their own direction. Streamlit's blocks inherit "text-align: left", which holds whatever the
# direction is, and its plain texts are as narrow as their words: both have to be undone on the block itself.
# On a phone the choices that stand in one row elsewhere may take several, so each is a button of its own.
# Outcomes are words beside a coloured icon; a bar at their side is for what somebody has to do.
FRAME_STYLE = f"""
.stMainBlockContainer,[data-testid="stBottomBlockContainer"]{{
  width:100%;max-width:calc({CHARTS_REM}rem + 4rem);margin-inline:auto;padding-inline:2rem}}
.stMainBlockContainer{{padding-top:2.25rem;padding-bottom:4rem}}
@media (min-width:769px){{
  [data-testid="stSidebar"][data-collapsed="false"]{{width:{NAVIGATION_REM}rem!important;min-width:0}}
}}
@media (max-width:768px){{
  .stMainBlockContainer{{padding-top:3.75rem}}
  .stMainBlockContainer,[data-testid="stBottomBlockContainer"]{{padding-inline:1rem}}
  [data-testid="stButtonGroup"] [role="radiogroup"]{{gap:.35rem}}
  [data-testid="stButtonGroup"] [data-variant="segmented_control"]{{
    margin:0!important;border-width:1px!important;border-radius:.5rem!important}}
  [data-variant="segmented_control"]:not([aria-checked="true"]){{border-color:rgba(128,128,128,.45)!important}}
}}
[data-testid="stHeading"] h1{{padding:0;line-height:1.25}}
[data-testid="stLayoutWrapper"]:has(>.st-key-screen_watch){{position:absolute}}
.st-key-page-head{{min-height:2.75rem}}
[data-testid="stSidebarNavLink"]::before{{
  font:400 1.15rem/1 "Material Symbols Rounded";width:1.25rem;flex:none;overflow:hidden;white-space:nowrap}}
[data-testid="stElementToolbarButton"]:has([aria-label="Download as CSV"]){{display:none}}
[data-testid="stAlertContainer"]{{background:none;color:inherit;border-radius:0;padding:.1rem 0 .1rem .75rem;
  border-inline-start:3px solid var(--tint)}}
[data-testid="stAlertContainer"]:has([data-testid="stAlertContentSuccess"]),
[data-testid="stAlertContainer"]:has([data-testid="stAlertContentInfo"]){{padding-inline-start:0;border:0}}
[data-testid="stAlertContainer"] p{{color:inherit}}
[data-testid="stAlertDynamicIcon"]{{color:var(--tint)}}
.stMarkdown :is(p,li,blockquote,h1,h2,h3,h4,h5,h6),[data-testid="stAlertContainer"] p,
[data-testid="stHeading"] h1,.stText>span{{unicode-bidi:plaintext;text-align:start}}
.stElementContainer:has(>.stText),.stText{{display:block;width:100%!important}}
.stText>span{{display:block}}
{_ICONS_STYLE}
"""
