import assert from "node:assert/strict";
import test from "node:test";
import { BLOG, BLOG_V2, POST, errorOf, start } from "./support.js";

const post = (id, more = {}) => ({
    id,
    title: "t",
    rating: 1,
    status: "ACTIVE",
    ...more,
});

test("create: version 1, times, no tombstone, an id if none is given", async (t) => {
    const { create } = await start(t);
    const begin = Date.now();
    const { data } = await create("Post", post("a"), { select: POST });
    const { createdAt, updatedAt, _lastChangedAt, ...rest } = data.createPost;
    assert.deepEqual(rest, { ...post("a"), _version: 1, _deleted: null });
    assert.equal(createdAt, updatedAt);
    assert.ok(_lastChangedAt >= begin && _lastChangedAt <= Date.now());
    const { id, ...others } = post("x");
    const second = await create("Post", others);
    assert.match(second.data.createPost.id, /^[0-9a-f-]{36}$/);
});

test("create of a taken key, also by a tombstone, shows what is there", async (t) => {
    const { create, remove } = await start(t);
    await create("Post", post("a"));
    const taken = await create("Post", post("a", { title: "again" }), { select: POST });
    assert.equal(taken.data.createPost, null);
    assert.equal(errorOf(taken).errorType, "ConditionalCheckFailedException");
    assert.equal(errorOf(taken).data.title, "t");
    assert.deepEqual(errorOf(taken).path, ["createPost"]);
    assert.match(
        errorOf(taken).message,
        /^The conditional request failed \(Service: DynamoDb/,
    );
    await remove("Post", { id: "a", _version: 1 });
    const over = await create("Post", post("a"), { select: "id _deleted" });
    assert.deepEqual(errorOf(over).data, { id: "a", _deleted: true });
});

test("update: changes what is given, null removes, the version goes up", async (t) => {
    const { create, update, admin } = await start(t);
    await create("Comment", { id: "c", content: "x" });
    const select = "id content _version";
    const { data } = await update(
        "Comment",
        { id: "c", content: null, _version: 1 },
        { select },
    );
    assert.deepEqual(data.updateComment, { id: "c", content: null, _version: 2 });
    const { record } = await admin("GET records?model=Comment&id=c");
    assert.ok(!("content" in record));
    const missing = await update("Comment", { id: "none", _version: 1 });
    assert.equal(errorOf(missing).errorType, "ConditionalCheckFailedException");
    assert.equal(errorOf(missing).data, null);
});

test("delete leaves a tombstone, an update of it brings the record back", async (t) => {
    const { create, remove, update, query } = await start(t);
    await create("Post", post("a"));
    const { data } = await remove("Post", { id: "a", _version: 1 }, { select: POST });
    assert.equal(data.deletePost._deleted, true);
    assert.equal(data.deletePost._version, 2);
    assert.equal(data.deletePost.title, "t");
    const found = await query('{ getPost(id: "a") { _deleted } }');
    assert.equal(found.data.getPost._deleted, true);
    const select = "title _version _deleted";
    const back = await update("Post", { id: "a", title: "u", _version: 2 }, { select });
    assert.deepEqual(back.data.updatePost, { title: "u", _version: 3, _deleted: null });
});

for (const conflict of ["OPTIMISTIC_CONCURRENCY", "AUTOMERGE"]) {
    test(`${conflict}: stale and missing versions`, async (t) => {
        const { create, update, remove } = await start(t, BLOG, { store: { conflict } });
        await create("Post", post("a"));
        await update("Post", { id: "a", title: "server", _version: 1 });
        const select = "title rating _version";
        const change = { id: "a", title: "client", rating: 7, _version: 1 };
        const stale = await update("Post", change, { select });
        if (conflict === "AUTOMERGE") {
            const merged = { title: "server", rating: 7, _version: 3 };
            assert.deepEqual(stale.data.updatePost, merged);
        } else {
            const known = { title: "server", rating: 1, _version: 2 };
            assert.equal(errorOf(stale).errorType, "ConflictUnhandled");
            assert.equal(errorOf(stale).message, "Conflict resolver rejects mutation.");
            assert.deepEqual(errorOf(stale).data, known);
        }
        const blind = await update("Post", { id: "a", title: "blind" }, { select });
        assert.equal(blind.data.updatePost?.title ?? errorOf(blind).data.title, "server");
        for (const _version of [1, undefined]) {
            const gone = await remove("Post", { id: "a", _version });
            assert.equal(errorOf(gone).errorType, "ConflictUnhandled");
        }
    });
}

test("AUTOMERGE without a base: whatever the server has stays", async (t) => {
    const { create, update } = await start(t, BLOG, { store: { mergeBase: "none" } });
    await create("Post", post("a"));
    await update("Post", { id: "a", title: "server", _version: 1 });
    const change = { id: "a", rating: 7, _version: 1 };
    const { data } = await update("Post", change, { select: "rating _version" });
    assert.deepEqual(data.updatePost, { rating: 1, _version: 3 });
});

test("conditions are checked after the version", async (t) => {
    const { create, update, remove, admin } = await start(t);
    await admin("POST config", { store: { conflict: "OPTIMISTIC_CONCURRENCY" } });
    await create("Post", post("a"));
    const condition = { rating: { gt: 5 } };
    const refused = await update(
        "Post",
        { id: "a", title: "x", _version: 1 },
        { condition },
    );
    assert.equal(errorOf(refused).errorType, "ConditionalCheckFailedException");
    assert.deepEqual(errorOf(refused).data, { id: "a", _version: 1 });
    const stale = await update(
        "Post",
        { id: "a", title: "x", _version: 9 },
        { condition },
    );
    assert.equal(errorOf(stale).errorType, "ConflictUnhandled");
    const kept = await remove("Post", { id: "a", _version: 1 }, { condition });
    assert.equal(errorOf(kept).errorType, "ConditionalCheckFailedException");
    const met = { or: [{ rating: { gt: 5 } }, { title: { beginsWith: "t" } }] };
    const done = await update(
        "Post",
        { id: "a", title: "x", _version: 1 },
        { condition: met },
    );
    assert.equal(done.data.updatePost._version, 2);
});

test("aliased root fields: each is judged alone", async (t) => {
    const { query } = await start(t);
    const values = 'title: "t", rating: 1, status: ACTIVE';
    const call = (alias, id) =>
        `${alias}: createPost(input: {id: "${id}", ${values}}) { id }`;
    const calls = [call("m0", "a"), call("m1", "a"), call("m2", "b")].join(" ");
    const { data, errors } = await query(`mutation { ${calls} }`);
    assert.deepEqual(data, { m0: { id: "a" }, m1: null, m2: { id: "b" } });
    assert.deepEqual(
        errors.map(({ path }) => path),
        [["m1"]],
    );
});

test("what DynamoDB refuses of keys", async (t) => {
    for (const [sdl, key] of [
        [BLOG, "commentPostId"],
        [BLOG_V2, "postCommentsId"],
    ]) {
        const { create, update } = await start(t, sdl);
        const none = await create("Comment", { id: "c", [key]: null });
        assert.equal(errorOf(none).errorType, "DynamoDB:DynamoDbException");
        assert.match(
            errorOf(none).message,
            /Type mismatch for Index Key \w+ Expected: S/,
        );
        const empty = await create("Comment", { id: "c", [key]: "" });
        assert.match(errorOf(empty).message, /cannot contain an empty string value/);
        assert.match(
            errorOf(await create("Comment", { id: "" })).message,
            /empty string/,
        );
        await create("Comment", { id: "c", [key]: "p" });
        const off = await update("Comment", { id: "c", [key]: null, _version: 1 });
        assert.equal(off.data.updateComment._version, 2);
    }
    const { create } = await start(t);
    const large = await create("Comment", { id: "c", content: "x".repeat(410 * 1024) });
    assert.match(errorOf(large).message, /Item size has exceeded/);
});

test("v2 leaves the null partition key of a named index out", async (t) => {
    const sdl = `type N @model {
        id: ID!
        a: String @index(name: "byA", sortKeyFields: ["b"])
        b: Int
    }`;
    const { create } = await start(t, sdl);
    assert.equal(
        (await create("N", { id: "1", a: null, b: 1 })).data.createN._version,
        1,
    );
    const wrong = await create("N", { id: "2", a: "x", b: null });
    assert.match(
        errorOf(wrong).message,
        /Index Key b Expected: N Actual: NULL IndexName: byA/,
    );
});

test("the fields of a composite sort key of an index come together", async (t) => {
    const sdl = `type N @model @key(name: "byA", fields: ["a", "b", "c"]) {
        id: ID! a: ID! b: String! c: String! text: String
    }`;
    const { create, update } = await start(t, sdl);
    await create("N", { id: "1", a: "a", b: "b", c: "c" });
    const part = await update("N", { id: "1", b: "x", _version: 1 });
    assert.match(
        errorOf(part).message,
        /provide all fields for the key. Missing key: 'c'/,
    );
    const other = await update("N", { id: "1", text: "x", _version: 1 });
    assert.equal(other.data.updateN._version, 2);
});

test("composite primary keys", async (t) => {
    const sdl = `type S @model {
        place: ID! @primaryKey(sortKeyFields: ["sku"]) sku: String! quantity: Int
    }`;
    const { create, update, query } = await start(t, sdl);
    await create("S", { place: "a", sku: "1" }, { select: "sku" });
    await create("S", { place: "a", sku: "2" }, { select: "sku" });
    const change = { place: "a", sku: "2", quantity: 5, _version: 1 };
    const { data } = await update("S", change, { select: "sku quantity" });
    assert.deepEqual(data.updateS, { sku: "2", quantity: 5 });
    const found = await query('{ getS(place: "a", sku: "1") { quantity } }');
    assert.equal(found.data.getS.quantity, null);
});

test("relations are looked up, null where there is no parent", async (t) => {
    const { create, query } = await start(t);
    await create("Post", post("p"));
    const select = "id post { id title _deleted }";
    const child = await create("Comment", { id: "c", commentPostId: "p" }, { select });
    const parent = { id: "p", title: "t", _deleted: null };
    assert.deepEqual(child.data.createComment, { id: "c", post: parent });
    const orphan = await create(
        "Comment",
        { id: "o", commentPostId: "none" },
        { select },
    );
    assert.equal(orphan.data.createComment.post, null);
    const many = await query(
        '{ getPost(id: "p") { comments { items { id } nextToken } } }',
    );
    assert.deepEqual(many.data.getPost.comments, {
        items: [{ id: "c" }],
        nextToken: null,
    });
});

test("every kind of value comes back as it went", async (t) => {
    const sdl = `
        type E @model {
            id: ID! text: String int: Int float: Float bool: Boolean date: AWSDate
            time: AWSTime at: AWSDateTime stamp: AWSTimestamp json: AWSJSON url: AWSURL
            mail: AWSEmail phone: AWSPhone ip: AWSIPAddress mood: Mood tags: [String]
            place: Place
        }
        type Place { city: String! at: [Float!] }
        enum Mood { HAPPY SAD }`;
    const { create } = await start(t, sdl);
    const values = {
        id: "1",
        text: 'q" \\ $x \n é 😀 \u0001',
        int: -2147483648,
        float: 1e300,
        bool: false,
        date: "2024-02-29Z",
        time: "12:30:24.5+05:30",
        at: "2024-02-29T12:30Z",
        stamp: 10_000_000_000,
        json: '{"b":[1,null],"a":"x"}',
        url: "https://a.b/c?d=e#f",
        mail: "a@b.c",
        phone: "+1 206-555-0100",
        ip: "2001:db8::/32",
        mood: "SAD",
        tags: ["a", null, ""],
        place: { city: "", at: [1.5] },
    };
    const select = Object.keys(values).join(" ").replace("place", "place { city at }");
    assert.deepEqual((await create("E", values, { select })).data.createE, values);
    const wrong = {
        int: 2147483648,
        float: "x",
        date: "2023-02-29",
        time: "24:00",
        at: "2024-02-29T12:30",
        stamp: 1.5,
        json: "{a: 1}",
        url: "//x",
        mail: "x",
        phone: "x",
        ip: "999.1.1.1",
        mood: "happy",
        place: {},
    };
    for (const [name, value] of Object.entries(wrong)) {
        const answer = await create("E", { id: name, [name]: value });
        assert.equal(answer.data, null, name);
        assert.match(errorOf(answer).message, /^Variable '\w+' has/, name);
    }
});
