import assert from "node:assert/strict";
import test from "node:test";
import { DEFAULT_API_KEY } from "../lib/backend.js";
import { BLOG, errorOf, start, until } from "./support.js";

// Sends one create that meets a fault: { answer or thrown, applied }.
async function meet(client, fault) {
    await client.admin("POST faults", fault);
    const id = `f${fault.kind}${fault.after ?? false}`;
    const result = await client.create("Comment", { id }).then(
        (answer) => ({ answer }),
        (error) => ({ thrown: error }),
    );
    const { record } = await client.admin(`GET records?model=Comment&id=${id}`);
    return { ...result, applied: record !== null };
}

const ANSWERS = {
    http500: ({ status }) => assert.equal(status, 500),
    throttle: ({ status, headers, errors }) => {
        assert.equal(status, 429);
        assert.equal(headers.get("retry-after"), "7");
        assert.equal(errors[0].errorType, "ThrottledException");
    },
    unauthorized: ({ status }) => assert.equal(status, 401),
    empty: ({ status, text }) => assert.deepEqual([status, text], [200, ""]),
    html: ({ text }) => assert.match(text, /^<html>/),
    malformed: ({ status, text }) => assert.ok(status === 200 && text.startsWith('{"')),
    raw: ({ status, text }) => assert.deepEqual([status, text], [418, "tea"]),
};

test("spoiled answers, with the change carried out and without", async (t) => {
    const client = await start(t);
    for (const [kind, check] of Object.entries(ANSWERS)) {
        const more = { throttle: { retryAfter: 7 }, raw: { status: 418, body: "tea" } }[
            kind
        ];
        for (const after of [false, true]) {
            const { answer, applied } = await meet(client, { kind, after, ...more });
            check(answer);
            assert.equal(applied, after, kind);
        }
    }
    const entries = await client.admin("GET log?kind=http&field=createComment");
    assert.deepEqual(
        entries.slice(0, 3).map(({ status, fault }) => [status, fault]),
        [
            [500, "http500"],
            [500, "http500"],
            [429, "throttle"],
        ],
    );
});

test("spoiled connections, with the change carried out and without", async (t) => {
    const client = await start(t);
    for (const kind of ["reset", "timeout", "truncated"]) {
        for (const after of [false, true]) {
            const { thrown, applied } = await meet(client, { kind, after, ms: 50 });
            assert.ok(thrown, kind);
            assert.equal(applied, after, kind);
        }
    }
});

test("answers are packed for who can unpack them", async (t) => {
    for (const pack of ["gzip", "br"]) {
        const { admin, send } = await start(t, BLOG, { pack });
        const query = (text, accepted = `identity, ${pack}`) =>
            send(JSON.stringify({ query: text }), {
                "x-api-key": DEFAULT_API_KEY,
                "accept-encoding": accepted,
            });
        await admin("POST seed", { model: "Comment", count: 100 });
        const text = "{ syncComments { items { id } } }";
        const many = await query(text);
        assert.equal(many.headers.get("content-encoding"), pack);
        assert.equal(many.data.syncComments.items.length, 100);
        const few = await query("{ syncComments(limit: 1) { items { id } } }");
        assert.equal(few.headers.get("content-encoding"), null);
        const plain = await query(text, "identity");
        assert.equal(plain.headers.get("content-encoding"), null);
        const log = await admin("GET log?field=syncComments");
        assert.deepEqual(
            log.map(({ packed }) => packed),
            [pack, undefined, undefined],
        );
    }
});

test("slow answers are whole", async (t) => {
    const client = await start(t);
    const begin = performance.now();
    for (const fault of [
        { kind: "delay", ms: 60 },
        { kind: "delay", ms: 60, after: true },
        { kind: "slow", size: 5, ms: 1 },
    ]) {
        const { answer, applied } = await meet(client, fault);
        assert.equal(answer.data.createComment._version, 1);
        assert.ok(applied);
    }
    assert.ok(performance.now() - begin >= 119);
});

test("GraphQL errors by type hit one root field; the others go on", async (t) => {
    const client = await start(t);
    const call = (alias, id) => `${alias}: createComment(input: {id: "${id}"}) { id }`;
    const errorType = "DynamoDB:ProvisionedThroughputExceededException";
    const match = { field: "createComment", text: "first" };
    await client.admin("POST faults", { kind: "graphqlError", errorType, match });
    const text = `mutation { ${call("a", "first")} ${call("b", "second")} }`;
    const { data, errors } = await client.query(text);
    assert.deepEqual(data, { a: null, b: { id: "second" } });
    assert.deepEqual([errors[0].path, errors[0].errorType], [["a"], errorType]);
    await client.admin("POST faults", {
        kind: "graphqlError",
        after: true,
        message: "odd",
    });
    const lost = await client.create("Comment", { id: "third" });
    assert.equal(errorOf(lost).message, "odd");
    const { record } = await client.admin("GET records?model=Comment&id=third");
    assert.equal(record._version, 1);
});

test("a request is running until it is done with, whoever has gone meanwhile", async (t) => {
    const { admin, backend, url } = await start(t);
    await admin("POST faults", { kind: "delay", ms: 100 });
    const [gone, headers] = [new AbortController(), { "x-api-key": DEFAULT_API_KEY }];
    const query = 'mutation { createComment(input: { id: "c" }) { id } }';
    const body = JSON.stringify({ query });
    const init = { method: "POST", headers, body, signal: gone.signal };
    const asked = fetch(url, init).catch(() => null);
    while (backend.endpoint.running.size === 0) await new Promise(setImmediate);
    gone.abort();
    assert.equal(await asked, null);
    await until(async () => (await admin("GET stats")).running.length === 0);
    assert.equal(backend.store.table("Comment").rows.size, 1, "it was carried out");
});

test("partial data: null items beside errors", async (t) => {
    const client = await start(t);
    await client.admin("POST seed", { model: "Comment", count: 3 });
    await client.admin("POST faults", { kind: "partialData", items: [1] });
    const { data, errors } = await client.query("{ syncComments { items { id } } }");
    const { items } = data.syncComments;
    assert.deepEqual([items.length, items[1]], [3, null]);
    assert.deepEqual(errors[0].path, ["syncComments", "items", 1]);
});

test("which requests a fault meets, and how many", async (t) => {
    const client = await start(t);
    const statuses = async (count, request) => {
        const result = [];
        for (let at = 0; at < count; at++) result.push((await request(at)).status);
        return result;
    };
    const match = { operation: "mutation", fieldPrefix: "create" };
    await client.admin("POST faults", { kind: "http500", times: 2, skip: 1, match });
    const create = (at) => client.create("Comment", { id: `${at}` });
    assert.deepEqual(await statuses(4, create), [200, 500, 500, 200]);
    assert.equal((await client.query("{ listPosts { nextToken } }")).status, 200);
    await client.admin("POST faults", {
        kind: "http500",
        times: null,
        match: { text: "zzz" },
    });
    const marked = (at) =>
        client.create("Comment", { id: at % 2 === 0 ? `zzz${at}` : `y${at}` });
    assert.deepEqual(await statuses(4, marked), [500, 200, 500, 200]);
    const { faults } = await client.admin("GET faults");
    assert.deepEqual(
        faults.map(({ times, hits }) => [times, hits]),
        [
            [0, 2],
            [null, 2],
        ],
    );
    await client.admin("DELETE faults");
    assert.deepEqual(
        await statuses(1, () => client.create("Comment", { id: "zzz" })),
        [200],
    );
    await assert.rejects(
        client.admin("POST faults", { kind: "nonsense" }),
        /no such kind/,
    );
});

test("offline: every connection is reset, and after a while it is over", async (t) => {
    const client = await start(t);
    const socket = await client.connect();
    await client.admin("POST offline", {});
    await assert.rejects(client.create("Comment", { id: "1" }));
    await until(() => socket.closed);
    await client.admin("POST offline", { ms: 150 });
    const again = () => client.create("Comment", { id: "1" }).catch(() => null);
    assert.equal((await until(again)).status, 200);
});
