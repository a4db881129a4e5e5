"""One trial as a short Python script that needs nothing of Overlap."""

from __future__ import annotations

import re
import shlex

from core.bench.plan.plan import ASYNC_LANES, BATCH_LANES, CONSISTENCIES, HANDBOOK, LANES, MAX_COUNT, Plan
from core.bench.plan.presets import preset_plan
from core.bench.records.run import Run, is_id
from core.bench.records.trial import Trial
from core.config.settings import SYNTHETIC_DATA
from core.errors import RecordError

MAX_LINES = 40
LITE_URI = "bench_demo.db"
PACKAGES = ("llama-index-vector-stores-milvus", "pymilvus", "milvus-lite")
_VERSION = re.compile(r"\d+(\.\d+){1,3}")
_MAX_CONCURRENCY = 4096

_VECTORS = {
    "tutorial": (
        "vectors = [[0.5] * (DIM - 1) + [rng.random()] for _ in ids]",
        "queries = [[0.5] * (DIM - 1) + [0.6]] * COUNT",
    ),
    "random": (
        "def units(seed):",
        "    values = numpy.random.default_rng(seed).standard_normal((COUNT, DIM)).astype(numpy.float32)",
        "    return (values / numpy.linalg.norm(values, axis=1, keepdims=True)).tolist()",
        "vectors, queries = units(SEED), units(SEED + 1)",
    ),
}
_QUERIES = (
    "asked = [VectorStoreQuery(query_embedding=q, similarity_top_k=TOP_K, output_fields=FIELDS) "
    "for q in queries]"
)
_QUERY = "asked[part[0]]"
_BATCH_QUERY = (
    'NAME, [queries[i] for i in part], limit=TOP_K, anns_field="embedding",',
    '    output_fields=FIELDS or ["*"], search_params={"params": {}, "metric_type": METRIC})',
)


def standalone_script(run: Run, trial: Trial) -> str:
    """A script of at most `MAX_LINES` lines that repeats the trial with llama-index and pymilvus alone.

    The clients are connected and the first call is made before the clock starts; what that call takes is
    printed beside. Where the run did so inside the clock, the script says that it does not.

    Only numbers and checked names of the record get into it, as Python literals; the token comes from the
    environment when it is run.

    Raises:
        RecordError: For a trial that a script can't repeat.
    """
    _check(run, trial)
    is_async = trial.lane in ASYNC_LANES
    lines = [*_head(run, trial), *_constants(run, trial), *_data(run, trial), ""]
    lines += [f"{'async ' * is_async}def main():"]
    lines += [f"    {line}" for line in _body(run, trial)]
    lines.append("asyncio.run(main())" if is_async else "main()")
    return "\n".join(lines) + "\n"


def command_of(plan: Plan) -> str:
    """The command that measures an ingest again; its reader and chunker are more than a script can hold."""
    usual = preset_plan("ingest")
    words = [f"--op ingest --repeats {plan.repeats}"]
    words += [f"--warmup {plan.warmup}"] * (plan.warmup > 0)
    words += [f"--lanes {','.join(plan.lanes)}"] * (plan.lanes != usual.lanes)
    words += [f"--rtt-ms {plan.rtt_ms}"] * (plan.rtt_ms > 0)
    if plan.sweep == "distance":
        words.append(f"--sweep distance --sweep-values {','.join(map(str, plan.sweep_values))}")
    words += [f"--time-limit {plan.time_limit_s:g}"] * (plan.time_limit_s != usual.time_limit_s)
    words += [f"--target {shlex.quote(plan.target)}"] * (plan.target != "lite")
    words += [f"--document {shlex.quote(plan.data)}"] * (plan.data != HANDBOOK)
    return f"python -m core bench {' '.join(words)}"


def _check(run: Run, trial: Trial) -> None:
    if run.plan.is_ingest:
        raise RecordError(f"A script can't repeat an ingest without Overlap; {command_of(run.plan)} does.")
    if run.plan.data not in SYNTHETIC_DATA:
        raise RecordError("This run took its data from a knowledge base, which a script can't carry.")
    known = (
        trial.operation in {"add", "search"}
        and trial.lane in LANES
        and trial.case.consistency in CONSISTENCIES
    )
    if not known or not is_id(run.id):
        raise RecordError("The trial has an operation, lane or consistency that this version does not know.")
    for value, most in ((trial.count, MAX_COUNT), (trial.case.concurrency, _MAX_CONCURRENCY)):
        if type(value) is not int or not 1 <= value <= most:
            raise RecordError(f"The trial has {str(value)[:40]!r} as a count or as concurrency.")


def _head(run: Run, trial: Trial) -> list[str]:
    packages = run.environment.get("packages")
    versions = packages if isinstance(packages, dict) else {}
    wanted = PACKAGES if run.plan.target == "lite" else PACKAGES[:2]
    pins = [
        f"{name}=={versions[name]}" if _VERSION.fullmatch(str(versions.get(name))) else name
        for name in wanted
    ]
    lines = [
        f"# Repeats one trial of the Overlap run {run.id}: {trial.lane} {trial.operation}.",
        f"# pip install {' '.join(pins)}",
    ]
    left_out = _left_out(run, trial)
    if left_out:
        lines.append(f"# Not repeated here: {', '.join(left_out)}.")
    return [*lines, *_imports(trial, run.plan)]


def _imports(trial: Trial, plan: Plan) -> list[str]:
    modules = ["asyncio"] * (trial.lane in ASYNC_LANES) + ["concurrent.futures"] * (trial.lane == "threads")
    modules += ["os", "random", "time"]
    modules += ["numpy"] * (plan.data == "random")
    return [
        f"import {', '.join(modules)}",
        _OWN_ENVIRONMENT,
        "from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode",
        *["from llama_index.core.vector_stores.types import VectorStoreQuery"] * _is_query(trial),
        "from llama_index.vector_stores.milvus import MilvusVectorStore",
        *["from pydantic import Field"] * _is_lean(trial, plan),
    ]


# Imported, pymilvus loads the nearest .env, and stumbles over a MILVUS_URI that is a path.
_OWN_ENVIRONMENT = 'os.environ |= {"PYTHON_DOTENV_DISABLED": "1", "MILVUS_URI": ""}  # ours, not of pymilvus'
# A record from elsewhere names a server of somebody else's, who would be sent the token.
_ASK_FOR = "Your Milvus (MILVUS_TOKEN is sent there); in the imported record "


def _is_query(trial: Trial) -> bool:
    """Whether it goes through MilvusVectorStore's query."""
    return trial.operation == "search" and trial.lane not in BATCH_LANES


def _is_lean(trial: Trial, plan: Plan) -> bool:
    return trial.operation == "add" and plan.fields == "text"


def _left_out(run: Run, trial: Trial) -> list[str]:
    """What the run did beside the operations."""
    plan = run.plan
    return [
        text
        for text, is_there in (
            (f"a simulated distance of {int(trial.case.rtt_ms)} ms", trial.case.rtt_ms > 0),
            ("arrivals at a fixed rate", plan.rate_per_s is not None),
            ("a frozen link", plan.stall_s > 0),
            (f"the work of {int(trial.processes)} processes", trial.processes > 1),
            ("connecting and first calls inside the clock", plan.first_calls == "included"),
        )
        if is_there
    ]


def _constants(run: Run, trial: Trial) -> list[str]:
    plan = run.plan
    uri = LITE_URI if plan.target == "lite" else str(plan.target)
    size = plan.batch_size if trial.lane in BATCH_LANES else 1
    fields = ["text"] if plan.fields == "text" else None
    address = f"input({_ASK_FOR + uri + ': '!r})" if run.imported and uri != LITE_URI else repr(uri)
    return [
        f'URI, TOKEN, FIELDS = {address}, os.environ.get("MILVUS_TOKEN", ""), {fields!r}',
        f'NAME, METRIC, CONSISTENCY, INDEX = "overlap_bench_script", {plan.metric!r}, '
        f"{trial.case.consistency!r}, {plan.index!r}",
        f"COUNT, DIM, SEED, TOP_K, CONCURRENCY, BATCH, PER_REQUEST = {trial.count!r}, {plan.dim!r}, "
        f"{plan.seed!r}, {plan.top_k!r}, {trial.case.concurrency!r}, {plan.batch_size!r}, {size!r}",
    ]


def _data(run: Run, trial: Trial) -> list[str]:
    node, lean = "TextNode", []
    if _is_lean(trial, run.plan):
        node, field = "LeanNode", "    embedding: list[float] | None = Field(default=None, exclude=True)"
        lean = ["class LeanNode(TextNode):  # its vector is not written into JSON", field]
    return [
        *lean,
        "rng, ids = random.Random(SEED), {}",
        'while len(ids) < COUNT: ids.setdefault("".join(rng.choices("0123456789", k=16)))',
        *_VECTORS[run.plan.data],
        f'nodes = [{node}(id_=id_, text=f"n{{i}}_text", embedding=vectors[i], relationships={{',
        '    NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"n{i + 1}")}) for i, id_ in enumerate(ids)]',
        *[_QUERIES] * _is_query(trial),
        "parts = [range(i, min(i + PER_REQUEST, COUNT)) for i in range(0, COUNT, PER_REQUEST)]",
        *["pool = concurrent.futures.ThreadPoolExecutor(CONCURRENCY)"] * (trial.lane == "threads"),
    ]


def _body(run: Run, trial: Trial) -> list[str]:
    """The first call, then the trial: adds each on an empty collection, searches on one that is filled."""
    ready = [*_store(run, trial), _connect(trial)]
    timed = [*_timed(trial), 'print(f"{what} in {seconds:.3f} s")']
    is_add = trial.operation == "add"
    return [
        *([] if is_add else ready),
        *_request(trial),
        'for what, todo in (("first call", parts[:1]), (f"{COUNT} operations", parts)):',
        *[f"    {line}" for line in (*(ready if is_add else []), *timed)],
        'print(f"{COUNT / seconds:.1f} operations/s")',
        "store.client.drop_collection(NAME)",
    ]


def _store(run: Run, trial: Trial) -> list[str]:
    lines = [
        "store = MilvusVectorStore(uri=URI, token=TOKEN, collection_name=NAME, overwrite=True, dim=DIM,",
        "    similarity_metric=METRIC, consistency_level=CONSISTENCY, batch_size=BATCH,",
        f'    index_config={{"index_type": INDEX}}, use_async_client={trial.lane in ASYNC_LANES})',
    ]
    if trial.operation == "search":
        lines.append("store.add(nodes)")
        lines.append(
            "store.client.flush(NAME)  # Milvus Lite searches rows that are not flushed slowly"
            if run.plan.target == "lite"
            else 'store.client.query(NAME, output_fields=["count(*)"], consistency_level="Strong")'
        )
    return lines


def _connect(trial: Trial) -> str:
    """A read of what is not there. It connects the client; the pool's threads are started by it too."""
    if trial.lane in ASYNC_LANES:
        return 'await store.aclient.get(NAME, ids=["0"])  # connects'
    if trial.lane == "threads":
        return 'list(pool.map(lambda _: store.client.get(NAME, ids=["0"]), range(CONCURRENCY)))  # connects'
    return 'store.client.get(NAME, ids=["0"])  # connects'


def _request(trial: Trial) -> list[str]:
    is_async = trial.lane in ASYNC_LANES
    call = _call(trial, is_async=is_async)
    if trial.lane in {"async-bounded", "async-batch"}:
        lines = ["async def request(part, gate=asyncio.Semaphore(CONCURRENCY)):", "    async with gate:"]
        return [*lines, *[f"    {line}" for line in call]]
    return [f"{'async ' * is_async}def request(part):", *call]


def _timed(trial: Trial) -> list[str]:
    lines = ["start = time.perf_counter()"]
    if trial.lane in ASYNC_LANES:
        lines.append("await asyncio.gather(*[request(part) for part in todo])")
    elif trial.lane == "threads":
        lines.append("list(pool.map(request, todo))")
    else:
        lines += ["for part in todo:", "    request(part)"]
    return [*lines, "seconds = time.perf_counter() - start"]


def _call(trial: Trial, *, is_async: bool) -> list[str]:
    """The request itself; a batch is one request with many rows or query vectors."""
    if trial.operation == "add":
        method = "await store.async_add" if is_async else "store.add"
        return [f"    {method}([nodes[i] for i in part])"]
    if trial.lane in BATCH_LANES:
        method = "await store.aclient.search" if is_async else "store.client.search"
        return [f"    {method}({_BATCH_QUERY[0]}", f"    {_BATCH_QUERY[1]}"]
    if trial.case.blocking == "blocking":
        return [f"    store.query({_QUERY})  # holds up the loop, as in the run"]
    if trial.case.blocking == "to-thread":
        return [f"    await asyncio.to_thread(store.query, {_QUERY})"]
    return [f"    {'await store.aquery' if is_async else 'store.query'}({_QUERY})"]
