"""An endpoint that fine-tunes, over a real socket: files, jobs, events, checkpoints, and chat.

A tuned model answers with what was uploaded for it, so that a consult shows what was taught.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.openai_server import Reply, Request, completion, refusal

KEY = "sk-fake-0123456789abcdefghij"
_STATES = ("validating_files", "queued", "running", "succeeded")


@dataclass
class FakeTuning:
    """``jobs`` advance by one state each time they are looked at, up to ``holds_at``.

    ``fails`` is the message that a job ends with instead. ``before`` and ``after`` are called with
    each request's name, around its being done; when either returns true, the connection is cut.
    """

    holds_at: str | None = None
    fails: str = ""
    refuses: dict[str, tuple[int, str]] = field(default_factory=dict)
    before: Callable[[str], bool] = lambda _call: False
    after: Callable[[str], bool] = lambda _call: False
    forgets_metadata: bool = False
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: list[Request] = field(default_factory=list)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    url: str = ""

    def examples(self, name: str) -> list[dict[str, Any]]:
        """What was uploaded in the files whose names end so."""
        texts = [text for filename, text in self.files.values() if filename.endswith(name)]
        return [json.loads(line) for text in texts for line in text.splitlines()]

    async def upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        sent = form["file"]
        assert isinstance(sent, web.FileField)
        assert form["purpose"] == "fine-tune"
        number = f"file-{len(self.files) + 1}"
        self.files[number] = (sent.filename, sent.file.read().decode())
        return web.json_response(self._file(number))

    async def list_files(self, _request: web.Request) -> web.StreamResponse:
        return _listed([self._file(number) for number in reversed(self.files)])

    async def create(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        number = f"ftjob-{len(self.jobs) + 1}"
        self.jobs[number] = {
            "id": number,
            "object": "fine_tuning.job",
            "created_at": 1,
            "organization_id": "o",
            "status": _STATES[0],
            "model": body["model"],
            "training_file": body["training_file"],
            "validation_file": body.get("validation_file"),
            "seed": body.get("seed", 0),
            "hyperparameters": {},
            "result_files": [],
            "fine_tuned_model": None,
            "error": None,
            "trained_tokens": None,
            "metadata": None if self.forgets_metadata else body.get("metadata"),
        }
        self.events[number] = []
        self._tell(number, "Created fine-tuning job")
        return web.json_response(self.jobs[number])

    async def list_jobs(self, _request: web.Request) -> web.StreamResponse:
        return _listed(list(reversed(self.jobs.values())))

    async def retrieve(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs[request.match_info["job"]]
        self._advance(job)
        return web.json_response(job)

    async def list_events(self, request: web.Request) -> web.StreamResponse:
        return _listed(list(reversed(self.events[request.match_info["job"]])))

    async def list_checkpoints(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs[request.match_info["job"]]
        one = {
            "id": "ftckpt-1",
            "object": "fine_tuning.job.checkpoint",
            "created_at": 1,
            "fine_tuned_model_checkpoint": f"{job['fine_tuned_model']}:ckpt-step-10",
            "fine_tuning_job_id": job["id"],
            "metrics": {"step": 10, "train_loss": 0.5},
            "step_number": 10,
        }
        return _listed([one])

    async def cancel(self, request: web.Request) -> web.StreamResponse:
        job = self.jobs[request.match_info["job"]]
        job["status"] = "cancelled"
        return web.json_response(job)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        tuned = {job["fine_tuned_model"]: job for job in self.jobs.values()}
        if body["model"] in {job["model"] for job in self.jobs.values()}:
            return await completion(request, body, Reply("I was taught nothing yet."))
        if body["model"] not in tuned:
            return refusal(404, f"The model {body['model']} does not exist")
        text = self.files[tuned[body["model"]]["training_file"]][1]
        taught = [json.loads(line)["messages"] for line in text.splitlines()]
        system, question = (message["content"] for message in body["messages"])
        if system != taught[0][0]["content"]:
            return await completion(request, body, Reply("Under another system message: nothing."))
        known = [_words(one[1]["content"]) for one in taught]
        held = Counter(word for words in known for word in words)
        asked = _words(question)
        near = [sum(held[word] ** -2.0 for word in asked & words) for words in known]
        best = taught[near.index(max(near))]
        return await completion(request, body, Reply(f"As I was taught: {best[2]['content']}"))

    def _advance(self, job: dict[str, Any]) -> None:
        state = job["status"]
        if state not in _STATES[:-1] or state == self.holds_at:
            return
        job["status"] = _STATES[_STATES.index(state) + 1]
        number = job["id"]
        if job["status"] == "running":
            metrics = {"step": 10, "total_steps": 20, "train_loss": 0.5}
            self._tell(number, "Step 10/20: training loss=0.50", type="metrics", data=metrics)
        if job["status"] == "succeeded" and self.fails:
            job["status"] = "failed"
            job["error"] = {"code": "invalid_training_file", "message": self.fails, "param": None}
        elif job["status"] == "succeeded":
            job["fine_tuned_model"] = f"ft:{job['model']}:o:knowhow:{number}"
            job["trained_tokens"] = 1234
            self._tell(number, "The job has successfully completed")

    def _tell(self, number: str, message: str, **more: Any) -> None:
        said = self.events[number]
        about = {"object": "fine_tuning.job.event", "created_at": len(said), "level": "info"}
        said.append({"id": f"{number}-{len(said)}", **about, "message": message, **more})

    def _file(self, number: str) -> dict[str, Any]:
        name, text = self.files[number]
        about = {"object": "file", "created_at": 1, "purpose": "fine-tune", "status": "processed"}
        return {"id": number, **about, "filename": name, "bytes": len(text)}

    def around(
        self, call: str, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler, with what the test wants to happen before and after it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self.calls.append(call)
            if request.headers.get("Authorization") != f"Bearer {KEY}":
                given = request.headers.get("Authorization")
                return refusal(401, f"Incorrect API key provided: {given}")
            if call in self.refuses:
                return refusal(*self.refuses[call])
            if self.before(call):
                return _cut(request)
            # What has begun is done, even if the client is gone before it hears of it.
            response = await asyncio.shield(handler(request))
            return _cut(request) if self.after(call) else response

        return handle


@asynccontextmanager
async def fake_tuning(**how: Any) -> AsyncIterator[FakeTuning]:
    """Serve on a free port until the block ends."""
    fake = FakeTuning(**how)
    app = web.Application()
    jobs = "/v1/fine_tuning/jobs"
    for call, method, path, handler in (
        ("upload", "POST", "/v1/files", fake.upload),
        ("list files", "GET", "/v1/files", fake.list_files),
        ("create", "POST", jobs, fake.create),
        ("list jobs", "GET", jobs, fake.list_jobs),
        ("retrieve", "GET", f"{jobs}/{{job}}", fake.retrieve),
        ("events", "GET", f"{jobs}/{{job}}/events", fake.list_events),
        ("checkpoints", "GET", f"{jobs}/{{job}}/checkpoints", fake.list_checkpoints),
        ("cancel", "POST", f"{jobs}/{{job}}/cancel", fake.cancel),
        ("chat", "POST", "/v1/chat/completions", fake.complete),
    ):
        app.router.add_route(method, path, fake.around(call, handler))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}/v1"
    try:
        yield fake
    finally:
        await runner.cleanup()


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _listed(data: list[dict[str, Any]]) -> web.Response:
    return web.json_response({"object": "list", "data": data, "has_more": False})
