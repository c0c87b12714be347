"""Commands that take long: they run beside the server, show how far they are, and stop."""

import asyncio
import hashlib
import json
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcRequestCancelled

from codeassist.lsp.jobs import FINETUNE, PULL
from tests.lsp.client import DEADLINE, ECHO, connected
from tests.lsp.finetune_program import REPORT

PROGRAM = [sys.executable, str(Path(__file__).with_name("finetune_program.py"))]
IN_BACKGROUND = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *ECHO]
ENV = {"ECHO_PROGRAM": json.dumps(PROGRAM)}
ENTRY = """
[[models]]
id = "tiny"
family = ""
file = "tiny.gguf"
size = {size}
sha256 = "{sha256}"
licence = "MIT"
context = 128
default = true

[[models.sources]]
kind = "path"
path = "{path}"
"""


def execute(client, command, *arguments):
    """A command that is under way."""
    params = types.ExecuteCommandParams(command, list(arguments))
    return asyncio.ensure_future(client.lsp.workspace_execute_command_async(params))


async def finetuning(client, folder, **more):
    """A fine-tuning that is under way, and shows how far it is."""
    job = execute(client, FINETUNE, {"path": str(folder), "budget": None, **more})
    await client.until(lambda: shown(client, "fine-tuning"))
    await client.until(lambda: (folder / "arguments").exists() or job.done())
    return job


def shown(client, title):
    """The tokens of the bars of that title."""
    return [
        each.token
        for each in client.progress
        if title in str(each.value.get("title", ""))
    ]


def values(client, token):
    """What a bar has shown."""
    return [each.value for each in client.progress if each.token == token]


@pytest.mark.parametrize(
    ("fate", "told"),
    [
        ("accept", ("activated", "mine is active; 3 % better", REPORT)),
        ("refuse", ("refused", "3 % better", REPORT)),
        ("the folder is too small", ("failed", "the folder is too small", None)),
    ],
)
async def test_finetune(tmp_path, fate, told):
    """A fine-tuning shows its stages, and answers with what came of it."""
    options = {"model": {"id": "echo", "threads": 3}}
    async with connected(ECHO, env=ENV, options=options) as client:
        job = await finetuning(client, tmp_path, budget="7m")
        (token,) = shown(client, "fine-tuning")
        await client.until(lambda: values(client, token)[-1].get("message"))
        (tmp_path / "fate").write_text(fate)
        result = await job

        assert tuple(result[key] for key in ("status", "message", "report")) == told
        *staged, end = values(client, token)
        stage = staged[-1]  # the first one, where the program was faster than the bar
        assert staged[0]["cancellable"]
        assert (stage["message"], stage["percentage"]) == ("training 3/10", 30)
        assert end["kind"] == "end"
        client.open("a\n")
        assert await client.texts(0, 1) == ["<a|\n>"]
    arguments = (tmp_path / "arguments").read_text()
    assert arguments == (
        f"finetune {tmp_path} --budget=7m --yes --json --progress=json "
        '--settings={"model": {"id": "echo", "threads": 3}}'
    )


@pytest.mark.parametrize("server", [ECHO, IN_BACKGROUND], ids=["usual", "background"])
async def test_cancel(tmp_path, server):
    """Who cancels the bar ends the program, which saves its work first, also where a
    shell has started the server in the background, so that it ignores SIGINT."""
    async with connected(server, env=ENV) as client:
        job = await finetuning(client, tmp_path)
        (token,) = shown(client, "fine-tuning")
        again = await execute(client, FINETUNE, {"path": str(tmp_path)})
        assert again["status"] == "failed"
        assert "under way already" in again["message"]
        cancel = types.WorkDoneProgressCancelParams(token)
        client.lsp.window_work_done_progress_cancel(cancel)

        assert (await job)["status"] == "cancelled"
    assert (tmp_path / "saved").exists()
    assert "Traceback" not in client.stderr


async def test_cancelled_request(tmp_path):
    """Who cancels the request ends the program, too; until then no other one begins."""
    async with connected(ECHO, env=ENV) as client:
        params = types.ExecuteCommandParams(FINETUNE, [{"path": str(tmp_path)}])
        asked = client.lsp.protocol.send_request_async(
            types.WORKSPACE_EXECUTE_COMMAND, params, msg_id="77"
        )
        job = asyncio.ensure_future(asked)
        await client.until(lambda: shown(client, "fine-tuning"))
        await client.until((tmp_path / "arguments").exists)
        client.lsp.cancel_request(types.CancelParams("77"))
        with pytest.raises(JsonRpcRequestCancelled):
            await job
        (token,) = shown(client, "fine-tuning")
        await client.until(lambda: values(client, token)[-1]["kind"] == "end")

        assert (tmp_path / "saved").exists()
        (tmp_path / "fate").write_text("accept")
        again = await execute(client, FINETUNE, {"path": str(tmp_path)})
        assert again["status"] == "activated"
    assert "Traceback" not in client.stderr


async def test_end_of_the_session(tmp_path):
    """A program ends with its session, and saves its work."""
    async with connected(ECHO, env=ENV) as client:
        job = await finetuning(client, tmp_path)
    async with asyncio.timeout(DEADLINE):
        while not (tmp_path / "saved").exists():  # noqa: ASYNC110 - a process says so
            await asyncio.sleep(0)
    with pytest.raises(JsonRpcRequestCancelled):
        await job


@pytest.mark.parametrize(
    ("command", "params", "message"),
    [
        (FINETUNE, [], "takes the path of a folder, not None"),
        (FINETUNE, [{"path": "/no/such/folder"}], "not '/no/such/folder'"),
        (FINETUNE, [{"path": "/", "budget": 3}], "takes a budget like '20m', not 3"),
        (PULL, [3], "takes the id of a model, not None"),
        (PULL, [{"id": "nobody"}], "there is no model 'nobody'"),
    ],
)
async def test_bad_parameters(echo, command, params, message):
    """What cannot be done is refused in one line, which is no error of the protocol."""
    result = await execute(echo, command, *params)

    assert result["status"] == "failed"
    assert message in result["message"]
    assert echo.messages == []


def without_a_model(tmp_path, wanted):
    """Settings of a server whose model is missing, and what can be fetched: `tiny`."""
    source, models = tmp_path / "source.gguf", tmp_path / "models"
    source.write_bytes(b"GGUF" + bytes(1000))
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    catalog = tmp_path / "config" / "codeassist" / "catalog.toml"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(ENTRY.format(size=1004, sha256=sha256, path=source))
    env = {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "CODEASSIST_MODELS": str(models),
        "ECHO_MODEL": str(models / f"{wanted}.gguf"),
    }
    return {"env": env, "options": {"model": {"id": wanted}}, "wait": False}


async def test_pull(tmp_path):
    """A model that is missing is fetched by a process beside the server, and serves."""
    async with connected(ECHO, **without_a_model(tmp_path, "tiny")) as client:
        await client.until(lambda: client.messages)
        client.open("a\n")
        assert await client.texts(0, 1) == []
        result = await execute(client, PULL, {"id": "tiny"})

        assert result["status"] == "ready"
        assert "tiny is here" in result["message"]
        assert await client.texts(0, 1) == ["<a|\n>"]
        assert shown(client, "fetching")


async def test_pull_another(tmp_path):
    """Another model than the one that is missing is fetched, and then to be chosen."""
    async with connected(ECHO, **without_a_model(tmp_path, "other")) as client:
        await client.until(lambda: client.messages)
        result = await execute(client, PULL, {"id": "tiny"})

        assert result["status"] == "ready"
        assert "model.id = 'tiny' completes with it" in result["message"]
