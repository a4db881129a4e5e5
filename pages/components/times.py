"""Moments as the visitor's clock shows them. What leaves the app, such as exports, stays in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

_IN_UTC = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?) UTC\b")


def zone() -> tzinfo:
    """The visitor's time zone; UTC where the browser does not tell."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def heading(name: str) -> str:
    """Of a column of moments: they are the visitor's, or UTC and marked as such."""
    return name if st.context.timezone else f"{name} (UTC)"


def on_clock(moment: str) -> datetime:
    """A moment in ISO 8601, in UTC where it says nothing else, as the visitor's clock has shown it."""
    time = datetime.fromisoformat(moment)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(zone()).replace(tzinfo=None)


def minute(moment: str) -> str:
    """To the minute: "2026-11-27 04:57"; "… UTC" where the visitor's zone is not known."""
    return f"{on_clock(moment):%Y-%m-%d %H:%M}" + ("" if st.context.timezone else " UTC")


def with_visitors_times(text: str) -> str:
    """A sentence of the core, which names moments in UTC, with those of the visitor's clock."""
    return in_zone(text, zone()) if st.context.timezone else text


def in_zone(text: str, of: tzinfo) -> str:
    """A text with its moments in UTC as clocks in `of` have shown them, without a word on the zone."""

    def shown(match: re.Match[str]) -> str:
        seconds = ":%S" if match[1].count(":") > 1 else ""
        time = datetime.fromisoformat(match[1]).replace(tzinfo=UTC).astimezone(of)
        return time.strftime(f"%Y-%m-%d %H:%M{seconds}")

    return _IN_UTC.sub(shown, text)
