"""A shared app: what two visitors have is kept apart, and what strangers must not do is not there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.answers.conversation import Turn
from core.answers.models import Answer
from core.bench.records.codec import write_run
from core.bench.supervisor import STOP_CLICKED, BenchProcess, runs
from core.config.settings import Settings
from core.documents.sources.incoming import NamedBytes
from core.embedding.model import Embedder
from core.errors import ConfigError
from core.hosting.identity import visitor_of_browser
from core.store.collections import knowledge_base_names
from core.tour.scenes import SCENES
from pages.components.bench_document import KEPT_KEY
from pages.components.visitor import SECRET_KEY
from pages.state.app_state import host_of
from pages.state.opened import open_knowledge_base
from pages.views.benchmark.plan_form import checked_target
from tests.bench_runs import RUN_ID, make_run
from tests.conftest import release_lite
from tests.pages.asking import answer_of, chat_of, sent_of
from tests.pages.conftest import ingested, texts
from tests.pages.page_test import page_test
from tests.pages.test_benchmark import BUSY, PLAN, WAIT_S

ANN, BEN = "a" * 32, "b" * 32
NOTE = ("harbour.txt", b"The lighthouse in the harbour is 37 metres high.", "text/plain")


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch, embedder: Embedder) -> Iterator[Settings]:
    monkeypatch.setenv("OVERLAP_SHARED", "1")
    settings = Settings.from_env()
    runs.forget()
    yield settings
    if runs.current is not None:
        runs.current.stop(STOP_CLICKED)
        runs.current.wait(WAIT_S)
    runs.forget()
    release_lite(settings.target.uri)


def settings_of(secret: str) -> Settings:
    return Settings.from_env().for_visitor(visitor_of_browser(secret))


def visit(secret: str, name: str, **parameters: str) -> AppTest:
    """A page as the visitor whose browser has `secret` sees it, once all is loaded."""
    page = page_test(name)
    page.session_state[SECRET_KEY] = secret
    for parameter, value in parameters.items():
        page.query_params[parameter] = value
    page.run()
    open_knowledge_base(settings_of(secret)).exception()
    page.run()
    assert not page.exception
    return page


def add_note(secret: str) -> AppTest:
    page = visit(secret, "documents")
    page.file_uploader(key="uploader-0").set_value([NOTE]).run()
    page.button(key="add").click().run()
    ingested(settings_of(secret), "default")
    return page.run()


def start_run_of(secret: str, run_path: Path) -> BenchProcess:
    argv = [sys.executable, "-c", BUSY]
    owner = settings_of(secret).visitor
    process = runs.start(
        lambda: BenchProcess(argv, env=os.environ, run_path=run_path, plan=PLAN, owner=owner)
    )
    while process.snapshot().state == "starting":
        process.wait(0.01)
    return process


def everything(page: AppTest) -> str:
    tables = "".join(str(table.value) for table in [*page.table, *page.dataframe])
    labels = "".join(button.label for button in page.button)
    choices = "".join(str(box.options) for box in [*page.selectbox, *page.multiselect])
    return texts(page).replace("\\", "") + tables + labels + choices


def pieces_of_html(page: AppTest) -> str:
    return "".join(html.proto.body for html in page.get("html"))


def test_documents_are_seen_by_their_visitor_alone() -> None:
    assert "harbour.txt" in everything(add_note(ANN))
    page = visit(BEN, "documents")
    assert "harbour.txt" not in everything(page)
    assert "The knowledge base is empty" in texts(page)


def test_link_to_anothers_document_leads_nowhere() -> None:
    add_note(ANN)
    document = open_knowledge_base(settings_of(ANN)).result().store.documents()[0]
    assert "lighthouse" in pieces_of_html(visit(ANN, "documents", doc=document.id))
    page = visit(BEN, "documents", doc=document.id)
    assert "This document is not in the knowledge base" in texts(page)
    assert "lighthouse" not in pieces_of_html(page) and "harbour" not in everything(page)


def test_link_to_anothers_knowledge_base_leads_nowhere() -> None:
    page = visit(ANN, "knowledge_bases")
    page.text_input(key="kb_new_name-0").set_value("Contracts")
    page.button(key="kb_create").click().run()
    assert "Made “Contracts”" in texts(page)
    other = visit(BEN, "ask", kb="Contracts")
    open_knowledge_base(settings_of(BEN), "Contracts").exception()
    assert "There is no knowledge base 'Contracts'." in texts(other.run()).replace("\\", "")
    assert "Contracts" not in everything(visit(BEN, "knowledge_bases"))


def test_two_visitors_may_use_the_same_name() -> None:
    for secret in (ANN, BEN):
        page = visit(secret, "knowledge_bases")
        page.text_input(key="kb_new_name-0").set_value("Contracts")
        page.button(key="kb_create").click().run()
        assert "Made “Contracts”" in texts(page)
        assert knowledge_base_names(settings_of(secret).target) == ["Contracts", "default"]
    assert knowledge_base_names(Settings.from_env().target) == []


def test_number_of_knowledge_bases_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAP_SHARED_KNOWLEDGE_BASES", "1")
    page = visit(ANN, "knowledge_bases")
    page.text_input(key="kb_new_name-0").set_value("Contracts")
    page.button(key="kb_create").click().run()
    assert "allows 1 knowledge bases" in page.error[0].value


def test_saved_run_is_its_visitors_alone() -> None:
    runs_dir = settings_of(ANN).runs_dir
    runs_dir.mkdir(parents=True)
    write_run(make_run(name="Ann's run"), runs_dir / f"{RUN_ID}.json")
    assert "Ann's run" in everything(visit(ANN, "runs"))
    page = visit(BEN, "runs", run=RUN_ID)
    assert "Ann's run" not in everything(page)
    assert "There is no saved run of yours yet" in texts(page)


def test_running_benchmark_of_another_is_not_told_in_detail(tmp_path: Path) -> None:
    process = start_run_of(ANN, tmp_path / "x.json")
    assert "You started this run." in texts(visit(ANN, "benchmark"))
    page = visit(BEN, "benchmark")
    assert "Somebody's benchmark is running." in texts(page)
    assert "Search, 10 operations" not in pieces_of_html(page)
    assert not [button for button in page.button if button.label == "Stop"]
    process.stop(STOP_CLICKED)
    process.wait(WAIT_S)
    assert "could not" not in texts(page.run())
    assert not [button for button in page.button if button.label == "Stop"]


def test_benchmark_waits_in_line_and_can_leave_it(tmp_path: Path) -> None:
    start_run_of(ANN, tmp_path / "x.json")
    page = visit(BEN, "benchmark")
    page.button(key="start").click().run()
    assert "In line for the benchmark: you are next." in texts(page)
    page.button(key="leave_line").click().run()
    assert "In line" not in texts(page)
    assert page.button(key="start")


def test_run_of_the_tour_waits_in_line_and_stop_leaves_it(tmp_path: Path) -> None:
    start_run_of(ANN, tmp_path / "x.json")
    settings = settings_of(BEN)
    host = host_of(settings)
    assert host is not None
    page = visit(BEN, "tour", scene="1")
    page.button(key="tour_run").click().run()
    assert not page.exception
    assert host.queue.position(settings.visitor) == 1
    page.button(key="tour_stop").click().run()
    assert host.queue.position(settings.visitor) is None
    assert page.run().button(key="tour_run")


def test_questions_over_the_limit_are_refused_with_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAP_SHARED_QUESTIONS_PER_MINUTE", "1")
    add_note(ANN)
    page = visit(ANN, "ask")
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    answer_of(page).wait()
    page.run()
    page.chat_input[0].set_value("And the harbour?").run()
    assert "allows each visitor 1 question within a minute. Try again in" in page.warning[0].value.replace(
        "\\", ""
    )


def test_documents_over_the_limit_are_refused_with_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAP_SHARED_DOCUMENTS_PER_HOUR", "1")
    page = add_note(ANN)
    page.file_uploader(key="uploader-1").set_value([("b.txt", b"Other text.", "text/plain")]).run()
    page.button(key="add").click().run()
    assert "1 document within an hour. Try again in 60 minutes." in page.error[0].value.replace("\\", "")
    assert "Not added yet: b\\.txt" in texts(page)
    page.button(key="add_again").click().run()
    assert "Try again in 60 minutes." in page.error[0].value.replace("\\", "")
    page.button(key="add_none").click().run()
    assert not page.error
    assert "Not added yet" not in texts(page)


def test_document_that_the_tour_adds_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAP_SHARED_DOCUMENTS_PER_HOUR", "1")
    number = next(number for number, scene in enumerate(SCENES, start=1) if scene.takes_document)
    page = visit(ANN, "tour", scene=str(number))
    page.session_state[KEPT_KEY] = NamedBytes(name=NOTE[0], data=NOTE[1])
    page.run()
    # It goes on to the page Ask, which a page that runs alone does not know.
    page.button(key="tour_ask").click().run()
    assert [toast.value for toast in page.toast] == []
    ingested(settings_of(ANN), "default")
    assert open_knowledge_base(settings_of(ANN)).result().store.count() == 1


def test_files_dropped_into_the_chat_count_as_documents_and_the_question_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OVERLAP_SHARED_DOCUMENTS_PER_HOUR", "1")
    add_note(ANN)
    page = visit(ANN, "ask")
    page.chat_input[0].upload("more.txt", b"The crane lifts 40 tonnes.")
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    sent_of(page).wait(60)
    answer_of(page).wait(60)
    page.run()
    page.run()
    assert "1 document within an hour" in texts(page) and "37 metres" in texts(page)
    assert open_knowledge_base(settings_of(ANN)).result().store.count() == 1


def test_web_addresses_are_no_source() -> None:
    page = visit(ANN, "documents")
    (source,) = [group for group in page.segmented_control if group.label == "Add documents from"]
    assert list(source.options) == ["Files", "Folder", "ZIP archive", "Pasted text"]


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254", "http://127.0.0.1:2379", "http://localhost:19530", "/etc/x.db"]
)
def test_target_of_the_visitors_own_is_refused(target: str) -> None:
    with pytest.raises(ConfigError, match="choose one of its targets"):
        checked_target(target, settings_of(ANN))


def test_benchmark_over_the_hosts_limits_is_refused() -> None:
    page = visit(ANN, "benchmark")
    page.text_input(key="counts-first-look").set_value("10, 100000").run()
    assert "allows up to 1,000 operations per trial" in page.error[0].value.replace("\\", "")


def test_system_page_tells_nothing_about_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://inside.example:11434/v1")
    monkeypatch.setenv("LLM_MODEL", "llama")
    add_note(ANN)
    page = visit(BEN, "system")
    shown = everything(page)
    folder = str(Settings.from_env().data_dir)
    for word in ("Data folder", folder, "overlap_kb", "inside.example", "Milvus Lite"):
        assert word not in shown
    keys = {button.key for button in page.button} | {box.key for box in page.selectbox}
    assert not keys & {"milvus_start", "milvus_stop", "llm_server"}
    assert "In use: **llama**" in shown


def test_all_of_a_visitor_is_deleted_on_request() -> None:
    add_note(ANN)
    add_note(BEN)
    page = visit(ANN, "system")
    page.button(key="delete_everything").click().run()
    assert "All that was yours is deleted." in texts(page)
    assert "harbour.txt" not in everything(visit(ANN, "documents"))
    assert "harbour.txt" in everything(visit(BEN, "documents"))


def test_session_under_another_account_begins_anew() -> None:
    page = visit(ANN, "ask")
    chat_of(page).turns.append(Turn(question="Ann's", answer=Answer(text="", mode="llm", sources=())))
    page.session_state[SECRET_KEY] = BEN
    page.run()
    assert chat_of(page).turns == []


def test_app_that_is_full_takes_no_new_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAP_SHARED_TOTAL_VISITORS", "1")
    add_note(ANN)
    page = page_test("runs")
    page.session_state[SECRET_KEY] = BEN
    assert "as many as it takes" in page.run().warning[0].value
    visit(ANN, "runs")


def test_app_that_is_not_shared_has_no_host() -> None:
    assert host_of(Settings.from_env({})) is None
