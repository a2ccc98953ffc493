import assert from "node:assert/strict";
import test from "node:test";
import { POST, start } from "./support.js";

test("mutate: a change by another client, versioned and told", async (t) => {
    const { admin, connect, sync } = await start(t);
    const client = await connect();
    await client.subscribe("1", `subscription { onUpdatePost { ${POST} } }`);
    const input = { id: "a", title: "t", rating: 1, status: "ACTIVE" };
    const mutate = (op, change, more) =>
        admin("POST mutate", { op, model: "Post", input: change, ...more });
    await mutate("create", input);
    const { data } = await mutate("update", { id: "a", title: "u" });
    assert.equal(data.updatePost._version, 2);
    const event = await client.frame("data");
    assert.equal(event.payload.data.onUpdatePost.title, "u");
    const stale = await mutate("delete", { id: "a" }, { version: "omit" });
    assert.equal(stale.errors[0].errorType, "ConflictUnhandled");
    await mutate("delete", { id: "a" });
    const { items } = await sync("Post", {}, "id _deleted");
    assert.deepEqual(items, [{ id: "a", _deleted: true }]);
    const raw = {
        query: "mutation ($id: ID) { createComment(input: {id: $id}) { id } }",
    };
    const made = await admin("POST mutate", { ...raw, variables: { id: "c" } });
    assert.equal(made.data.createComment.id, "c");
    await assert.rejects(
        admin("POST mutate", { op: "create", model: "No" }),
        /no create of No/,
    );
});

test("records, stats and the log", async (t) => {
    const { admin, create, query } = await start(t);
    await create("Comment", { id: "c", content: "x" });
    await query("{ nope }");
    const records = await admin("GET records");
    assert.deepEqual(Object.keys(records), ["Post", "Comment"]);
    assert.equal((await admin("GET records?model=Comment"))[0].content, "x");
    const stats = await admin("GET stats");
    assert.deepEqual(stats.records.Comment, { total: 1, live: 1 });
    assert.equal(stats.byField.createComment, 1);
    assert.deepEqual(stats.running, []);
    const [entry, other] = await admin("GET log?kind=http");
    assert.equal(entry.operation, "mutation");
    assert.equal(entry.body.variables.input.id, "c");
    assert.equal(entry.response.data.createComment.id, "c");
    assert.equal(entry.headers["x-api-key"], "da2-fakeApiId123456");
    assert.equal(other.response.data, null);
    assert.deepEqual(await admin(`GET log?since=${stats.seq}`), []);
});

test("the log has the frames of both directions", async (t) => {
    const { admin, connect } = await start(t);
    await connect();
    const events = (await admin("GET log?kind=ws")).map(({ event, frame }) => [
        event,
        frame?.type,
    ]);
    assert.deepEqual(events.slice(0, 4), [
        ["open", undefined],
        ["in", "connection_init"],
        ["out", "connection_ack"],
        ["out", "ka"],
    ]);
});

test("reset empties data, log and faults", async (t) => {
    const { admin, create } = await start(t);
    await create("Comment", { id: "c" });
    await admin("POST faults", { kind: "http500", times: null });
    await admin("POST reset", {});
    assert.deepEqual(await admin("GET log"), []);
    assert.equal((await create("Comment", { id: "c" })).data.createComment._version, 1);
});

test("settings that do not exist and calls that do not exist are errors", async (t) => {
    const { admin } = await start(t);
    await assert.rejects(
        admin("POST config", { store: { nope: 1 } }),
        /no such setting: nope/,
    );
    await assert.rejects(admin("POST nope", {}), /no such admin call: POST nope/);
    await assert.rejects(admin("POST seed", { model: "No" }), /no such model: No/);
    await admin("POST config", { delayMs: 1, kaMs: 5, store: { conflictData: "null" } });
});

test("ConflictUnhandled without data", async (t) => {
    const { admin, create, remove } = await start(t);
    await admin("POST config", { store: { conflictData: "null" } });
    await create("Comment", { id: "c" });
    const { errors } = await remove("Comment", { id: "c", _version: 5 });
    assert.deepEqual([errors[0].errorType, errors[0].data], ["ConflictUnhandled", null]);
});
