"""A shared app: what two visitors have is kept apart, and what strangers must not do is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bench.records.codec import write_run
from core.config.settings import Settings
from core.documents.sources.incoming import NamedBytes
from core.errors import ConfigError
from core.store.collections import knowledge_base_names
from core.tour.scenes import SCENES
from pages.components.bench_document import KEPT_KEY
from pages.state.app_state import host_of
from pages.state.opened import open_knowledge_base
from pages.views.benchmark.plan_form import checked_target
from tests.bench_runs import RUN_ID, make_run
from tests.pages.asking import answer_of, sent_of
from tests.pages.conftest import ingested, texts
from tests.pages.sharing import (
    ANN,
    BEN,
    NOTE,
    add_note,
    everything,
    pieces_of_html,
    settings_of,
    start_run_of,
    visit,
)

pytestmark = pytest.mark.usefixtures("shared_app")


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
