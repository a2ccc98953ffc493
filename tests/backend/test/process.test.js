import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http2 from "node:http2";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import test from "node:test";
import { DEFAULT_API_KEY } from "../lib/backend.js";
import { ROOT, clients } from "./support.js";

const SERVER = `${ROOT}tests/backend/server.js`;
const SCHEMA = `${ROOT}schema/blog.graphql`;

function run(t, ...args) {
    const child = spawn(process.execPath, [SERVER, "--schema", SCHEMA, ...args], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    const lines = readline.createInterface({ input: child.stdout });
    const ready = new Promise((resolve) =>
        lines.once("line", (line) => resolve(JSON.parse(line))),
    );
    const end = (signal) => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill(signal);
        return ended;
    };
    return { child, ready, end };
}

function temporary(t) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "backend-test-"));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    return folder;
}

test("one line of JSON says that it is ready", async (t) => {
    const { ready, child, end } = run(t);
    const { pid, url, realtimeUrl, admin, port, ...rest } = await ready;
    assert.equal(pid, child.pid);
    assert.equal(url, `http://127.0.0.1:${port}/graphql`);
    assert.equal(realtimeUrl, `ws://127.0.0.1:${port}/graphql/realtime`);
    assert.match(admin, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.equal(rest.transformer, "v1");
    assert.equal(rest.conflict, "AUTOMERGE");
    assert.equal((await clients({ url }).create("Comment", { id: "c" })).status, 200);
    assert.equal(await end("SIGTERM"), 0);
});

// Seconds of a processor that a process has used: how busy the machine is does not matter.
function used({ pid }) {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
}

test("it starts in less than two seconds", async (t) => {
    const { ready, child } = run(t);
    await ready;
    assert.ok(used(child) < 2, `${used(child)} s`);
});

test("it ends with its stdin, if it is told to", async () => {
    const args = [SERVER, "--schema", SCHEMA, "--until-eof"];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "ignore", "inherit"] });
    const code = new Promise((resolve) => child.once("exit", resolve));
    child.stdin.end();
    assert.equal(await code, 0);
});

test("the journal survives a kill, its torn last line too", async (t) => {
    const journal = path.join(temporary(t), "data.jsonl");
    const first = run(t, "--journal", journal);
    const one = clients(await first.ready);
    await one.create("Comment", { id: "kept", content: "x" });
    await one.update("Comment", { id: "kept", content: "y", _version: 1 });
    await one.create("Comment", { id: "gone" });
    await one.remove("Comment", { id: "gone", _version: 1 });
    await one.create("Comment", { id: "purged" });
    await one.admin("POST purge", { model: "Comment", key: { id: "purged" } });
    const { startedAt } = await one.sync("Comment");
    await one.create("Comment", { id: "later" });
    await first.end("SIGKILL");
    fs.appendFileSync(journal, '{"model":"Comment","rec');
    const second = run(t, "--journal", journal);
    const two = clients(await second.ready);
    const found = await two.sync("Comment", {}, "id content _version _deleted");
    assert.deepEqual(
        found.items.sort((a, b) => (a.id < b.id ? -1 : 1)),
        [
            { id: "gone", content: null, _version: 2, _deleted: true },
            { id: "kept", content: "y", _version: 2, _deleted: null },
            { id: "later", content: null, _version: 1, _deleted: null },
        ],
    );
    const delta = await two.sync("Comment", { lastSync: startedAt });
    assert.deepEqual(delta.items, [{ id: "later" }]);
    // The base that AUTOMERGE starts from is there as well.
    await two.update("Comment", { id: "kept", content: "z", _version: 1 });
    await second.end("SIGKILL");
    const third = run(t, "--journal", journal);
    const three = clients(await third.ready);
    const { record } = await three.admin("GET records?model=Comment&id=kept");
    assert.deepEqual([record.content, record._version], ["y", 3]);
});

test("https and wss with a certificate of its own", async (t) => {
    const { ready, end } = run(t, "--tls");
    const { tls } = await ready;
    const ca = fs.readFileSync(tls.ca);
    const status = await new Promise((resolve, reject) => {
        const options = { ca, method: "POST", headers: { "x-api-key": "no" } };
        https
            .request(tls.url, options, ({ statusCode }) => resolve(statusCode))
            .on("error", reject)
            .end("{}");
    });
    assert.equal(status, 401);
    const client = await clients(tls).connect({ ca });
    assert.equal(client.error, null);
    await end("SIGTERM");
    assert.ok(!fs.existsSync(tls.ca), "the certificate goes with the process");
});

// One request over HTTP/2.
async function ask({ url, ca }, body) {
    const { origin, pathname } = new URL(url);
    const session = http2.connect(origin, { ca: fs.readFileSync(ca) });
    const head = { ":method": "POST", ":path": pathname, "x-api-key": DEFAULT_API_KEY };
    const stream = session.request(head);
    stream.end(body);
    let text = "";
    for await (const part of stream.setEncoding("utf8")) text += part;
    session.close();
    return JSON.parse(text);
}

test("HTTP/2 and 1.1 on one port, WebSockets beside them", async (t) => {
    const { ready, end } = run(t, "--tls", "--http2");
    const { tls, admin } = await ready;
    const client = await clients(tls).connect({ ca: fs.readFileSync(tls.ca) });
    assert.equal(client.error, null);
    const query = 'mutation { createComment(input: { id: "c" }) { id } }';
    const answer = await ask(tls, JSON.stringify({ query }));
    assert.deepEqual(answer, { data: { createComment: { id: "c" } } });
    const log = await clients({ admin }).admin("GET log?operation=mutation");
    assert.deepEqual(
        log.map(({ version }) => version),
        ["2.0"],
    );
    assert.equal(await end("SIGTERM"), 0);
});

test("what is wrong on the command line is said in one line", () => {
    const bad = {
        "--schema FILE is missing": [],
        "no such file": ["--schema", "/none"],
        "the schema has no @model type": ["--schema", `${ROOT}schema/prelude.graphql`],
        '--port wants a number, not "x"': ["--schema", SCHEMA, "--port", "x"],
        '--conflict is AUTOMERGE or OPTIMISTIC_CONCURRENCY, not "X"': [
            "--schema",
            SCHEMA,
            "--conflict",
            "X",
        ],
        "Unknown option '--nope'": ["--nope"],
    };
    for (const [message, args] of Object.entries(bad)) {
        const { status, stderr } = spawnSync(process.execPath, [SERVER, ...args], {
            encoding: "utf8",
        });
        assert.equal(status, 2, message);
        assert.ok(stderr.startsWith("backend: ") && stderr.includes(message), stderr);
        assert.equal(stderr.trim().split("\n").length, 1, stderr);
    }
});

test("a page of a thousand records is served in a few milliseconds", async (t) => {
    const { ready, child } = run(t);
    const { admin, sync } = clients(await ready);
    await admin("POST seed", { model: "Post", count: 20000 });
    const select =
        "id title rating status createdAt updatedAt _version _lastChangedAt _deleted";
    let nextToken = null;
    let count = 0;
    const begin = used(child);
    do {
        const page = await sync("Post", { limit: 1000, nextToken }, select);
        count += page.items.length;
        nextToken = page.nextToken;
    } while (nextToken);
    const seconds = used(child) - begin;
    assert.equal(count, 20000);
    // Far above what it takes (README.md), as the machine may be slow.
    assert.ok(seconds < 4, `${seconds} s`);
});
