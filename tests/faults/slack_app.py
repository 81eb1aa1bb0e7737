"""The Slack of the trial, served: every process under a path of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.faults.slack import ChaoticSlack


@web.middleware
async def _cut_off(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who is killed while sending a request gets no answer, and that is nothing to report."""
    try:
        return await handler(request)
    except ConnectionResetError:
        return web.Response(status=HTTPStatus.BAD_REQUEST)


@asynccontextmanager
async def chaotic_slack(slack: ChaoticSlack) -> AsyncIterator[str]:
    """Serve it on a free port; yields the API's URL with ``{name}`` for the process's name."""
    app = web.Application(client_max_size=2**24, middlewares=[_cut_off])
    app.router.add_post("/{name}/api/response/{trigger}", slack.take_response)
    app.router.add_post("/{name}/api/{method}", slack.call)
    app.router.add_get("/{name}/socket", slack.socket)
    app.router.add_get("/files/{name}", slack.hand_out)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    slack.url = f"http://{host}:{port}/crowd/api/"
    try:
        yield f"http://{host}:{port}/{{name}}/api/"
    finally:
        await runner.cleanup()
