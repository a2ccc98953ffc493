import assert from "node:assert/strict";
import test from "node:test";
import { BLOG, BLOG_V2, POST, sleep, start, until } from "./support.js";

const post = (id, more = {}) => ({
    id,
    title: "t",
    rating: 1,
    status: "ACTIVE",
    ...more,
});
const CREATED = `subscription operation { onCreatePost { ${POST} } }`;

test("connection_init gives connection_ack and ka; ka comes again", async (t) => {
    const { connect } = await start(t, BLOG, { kaMs: 20 });
    const client = await connect();
    await client.frame("ka");
    assert.deepEqual(client.frames.slice(0, 2), [
        { type: "connection_ack", payload: { connectionTimeoutMs: 300000 } },
        { type: "ka" },
    ]);
    await until(() => client.frames.filter(({ type }) => type === "ka").length > 2);
});

test("an event is what the mutation answered, before its answer", async (t) => {
    const { connect, create } = await start(t);
    const client = await connect();
    const ack = await client.subscribe("1", CREATED);
    assert.deepEqual(ack, { type: "start_ack", id: "1", payload: {} });
    const { data } = await create("Post", post("a"), { select: POST });
    const event = await client.frame("data");
    assert.deepEqual(event.payload, { data: { onCreatePost: data.createPost } });
    assert.equal(event.id, "1");
    await create("Post", post("a"));
    await sleep(50);
    assert.equal(client.events().length, 1, "a mutation that failed tells nothing");
});

test("AWSJSON is the same text in an event and in the answer", async (t) => {
    const sdl = `type Note @model { id: ID! json: AWSJSON many: [AWSJSON] inner: Inner }
        type Inner { json: AWSJSON }`;
    const { connect, create } = await start(t, sdl);
    const fields = "{ id json many inner { json } }";
    const client = await connect();
    await client.subscribe("1", `subscription { onCreateNote ${fields} }`);
    const json = '{"a":[1,"x"]}';
    const note = { id: "n", json, many: ["1", null, '"t"'], inner: { json: "null" } };
    const { data } = await create("Note", note, { select: fields.slice(1, -1) });
    const { payload } = await client.frame("data");
    assert.equal(data.createNote.json, json);
    assert.deepEqual(payload, { data: { onCreateNote: data.createNote } });
});

test("a mutation that selects little tells little", async (t) => {
    const { connect, create } = await start(t);
    const client = await connect();
    await client.subscribe("1", CREATED);
    await create("Post", post("a"), { select: "id title" });
    const { payload } = await client.frame("data");
    assert.equal(payload.data.onCreatePost, null);
    assert.match(
        payload.errors[0].message,
        /^Cannot return null for non-nullable type: 'Int'/,
    );
});

test("an event for each operation; a parent as the mutation selected it", async (t) => {
    const { connect, create, update, remove } = await start(t);
    const client = await connect();
    const fields = "{ id content post { id _deleted } }";
    for (const verb of ["Create", "Update", "Delete"]) {
        await client.subscribe(verb, `subscription { on${verb}Comment ${fields} }`);
    }
    await create("Post", post("p"));
    const select = "id content post { id _deleted }";
    await create("Comment", { id: "c", content: "x", commentPostId: "p" }, { select });
    await update(
        "Comment",
        { id: "c", content: "y", _version: 1 },
        { select: "id content" },
    );
    await remove("Comment", { id: "c", _version: 2 }, { select });
    await until(() => client.events().length === 3);
    const parent = { id: "p", _deleted: null };
    assert.deepEqual(
        client.events().map(({ id, payload }) => [id, payload.data[`on${id}Comment`]]),
        [
            ["Create", { id: "c", content: "x", post: parent }],
            ["Update", { id: "c", content: "y", post: null }],
            ["Delete", { id: "c", content: "y", post: parent }],
        ],
    );
});

test("aliased root fields of one mutation are one event each", async (t) => {
    const { connect, query } = await start(t);
    const client = await connect();
    await client.subscribe("1", "subscription { onCreateComment { id } }");
    await query(`mutation {
        a: createComment(input: {id: "1"}) { id }
        b: createComment(input: {id: "1"}) { id }
        c: createComment(input: {id: "2"}) { id }
    }`);
    await until(() => client.events().length === 2);
    assert.deepEqual(
        client.events().map(({ payload }) => payload.data.onCreateComment.id),
        ["1", "2"],
    );
});

test("v2: a subscription's filter", async (t) => {
    const { connect, create } = await start(t, BLOG_V2);
    const client = await connect();
    const text = `subscription ($filter: ModelSubscriptionPostFilterInput) {
        onCreatePost(filter: $filter) { id }
    }`;
    await client.subscribe("1", text, { filter: { and: [{ rating: { gt: 5 } }] } });
    const select = "id rating";
    await create("Post", post("low"), { select });
    await create("Post", post("high", { rating: 9 }), { select });
    const { payload } = await client.frame("data");
    assert.deepEqual(payload.data, { onCreatePost: { id: "high" } });
    const refused = await client.subscribe("2", text, { filter: { not: {} } });
    assert.match(
        refused.payload.errors[0].message,
        /a field name 'not' that is not defined/,
    );
});

test("starts that are refused, each with its id; the connection lives on", async (t) => {
    const { connect } = await start(t);
    const client = await connect();
    const refusal = async (id, text) => {
        const frame = await client.subscribe(id, text);
        assert.equal(frame.type, "error");
        return frame.payload.errors[0];
    };
    const unknown = await refusal("1", "subscription { onNope { id } }");
    assert.match(
        unknown.message,
        /FieldUndefined: Field 'onNope' in type 'Subscription'/,
    );
    assert.equal(
        (await refusal("2", "{ listPosts { nextToken } }")).errorType,
        "BadRequestException",
    );
    assert.equal((await refusal("3", "subscription {")).errorType, "BadRequestException");
    await client.subscribe("4", CREATED);
    client.frames.length = 0;
    assert.equal((await refusal("4", CREATED)).errorType, "DuplicatedOperationError");
    const wild = ["{rubbish", "null", '"x"', "[]"];
    wild.forEach(client.send);
    const odd = () => client.frames.filter(({ type, id }) => type === "error" && !id);
    await until(() => odd().length === wild.length);
    client.send({ type: "start", id: "empty" });
    await client.frame("error", "empty");
    assert.equal((await client.subscribe("5", CREATED)).type, "start_ack");
});

test("a connection has a hundred subscriptions at most", async (t) => {
    const { connect } = await start(t);
    const client = await connect();
    for (let at = 0; at < 100; at++) await client.subscribe(`${at}`, CREATED);
    const { payload } = await client.subscribe("100", CREATED);
    assert.deepEqual(payload.errors, [
        {
            errorType: "MaxSubscriptionsReachedError",
            message: "Max number of 100 subscriptions reached",
        },
    ]);
});

test("stop is answered by complete, and nothing comes after it", async (t) => {
    const { connect, create } = await start(t);
    const client = await connect();
    await client.subscribe("1", CREATED);
    client.send({ type: "stop", id: "1" });
    await client.frame("complete", "1");
    await create("Post", post("a"), { select: POST });
    await sleep(50);
    assert.equal(client.events().length, 0);
});

test("a start before connection_init is refused", async (t) => {
    const { connect } = await start(t);
    const client = await connect({ init: false });
    assert.equal((await client.subscribe("1", CREATED)).type, "error");
});

// ---- trouble ---------------------------------------------------------------------

async function subscribed(t) {
    const backend = await start(t);
    const client = await backend.connect();
    await client.subscribe("1", "subscription { onCreateComment { id } }");
    const ids = () =>
        client.events().map(({ payload }) => payload.data.onCreateComment.id);
    const comment = (id) => backend.create("Comment", { id });
    return { ...backend, client, ids, comment };
}

test("connections are cut, with and without a close frame", async (t) => {
    const { admin, connect, client } = await subscribed(t);
    await admin("POST ws/drop");
    await until(() => client.closed);
    assert.equal(client.closed, 1006);
    const second = await connect();
    await admin("POST ws/drop", { mode: "close", code: 1001 });
    await until(() => second.closed);
    assert.equal(second.closed, 1001);
});

test("dials are refused", async (t) => {
    const { admin, connect } = await start(t);
    await admin("POST ws/refuse", { times: 1, how: 503 });
    assert.match((await connect()).error.message, /503/);
    await admin("POST ws/refuse", { how: "reset" });
    assert.ok((await connect()).error);
    await admin("POST ws/refuse", { how: "hang" });
    const hanging = connect({ handshakeTimeout: 200 });
    assert.match((await hanging).error.message, /timed out/);
    // Its time may be over before it has got there: then another one must not hang instead.
    await admin("POST ws/refuse", { times: 0 });
    assert.equal((await connect()).error, null);
});

test("frames in fragments", async (t) => {
    const { admin, comment, client, ids } = await subscribed(t);
    await admin("POST ws/fragment", { size: 5 });
    await comment("a");
    await client.frame("data");
    assert.deepEqual(ids(), ["a"]);
});

test("events that come late, in another order, twice", async (t) => {
    const { admin, comment, ids } = await subscribed(t);
    await admin("POST ws/hold", {});
    await comment("a");
    await comment("b");
    await sleep(50);
    assert.deepEqual(ids(), []);
    await admin("POST ws/hold", { on: false, order: "reverse", copies: 2 });
    await until(() => ids().length === 4);
    assert.deepEqual(ids(), ["b", "b", "a", "a"]);
});

test("silence, pings, and frames out of nowhere", async (t) => {
    const { admin, comment, client, ids } = await subscribed(t);
    await admin("POST ws/mute", {});
    await comment("a");
    await sleep(50);
    assert.deepEqual(ids(), []);
    await admin("POST ws/mute", { on: false });
    await admin("POST ws/ping", {});
    await until(() => client.pings === 1);
    await admin("POST ws/send", { field: "onCreateComment", data: { id: "forged" } });
    await until(() => ids().includes("forged"));
    await admin("POST ws/send", { frame: { type: "odd" } });
    await client.frame("odd");
});

test("faults of frames", async (t) => {
    const { admin, connect } = await start(t);
    const match = { type: "start", field: "onCreatePost" };
    const errorType = "MaxSubscriptionsReachedError";
    await admin("POST ws/faults", { kind: "error", match, errorType });
    const client = await connect();
    const refused = await client.subscribe("1", CREATED);
    assert.equal(refused.payload.errors[0].errorType, errorType);
    assert.equal((await client.subscribe("2", CREATED)).type, "start_ack");
    await admin("POST ws/faults", { kind: "drop", match });
    client.begin("3", CREATED);
    assert.equal((await client.subscribe("4", CREATED)).type, "start_ack");
    assert.ok(!client.frames.some(({ id }) => id === "3"));
    await admin("POST ws/faults", { kind: "close", code: 1011, match: { type: "stop" } });
    client.send({ type: "stop", id: "2" });
    await until(() => client.closed === 1011);
    const init = { type: "connection_init" };
    await admin("POST ws/faults", { kind: "connection_error", match: init });
    const second = await connect({ init: false });
    second.send(init);
    await second.frame("connection_error");
});
