import assert from "node:assert/strict";
import test from "node:test";
import { BLOG_V2, errorOf, start } from "./support.js";

test("what is no GraphQL is answered with status 400", async (t) => {
    const { send, query, url } = await start(t);
    for (const answer of [
        await send('{"query": '),
        await send("{}"),
        await send("null"),
        await send('{"query": "{ __typename }", "variables": []}'),
        await query("query { listPosts {"),
    ]) {
        assert.equal(answer.status, 400);
        assert.equal(errorOf(answer).errorType, "MalformedHttpRequestException");
        assert.equal(
            answer.headers.get("x-amzn-errortype"),
            "MalformedHttpRequestException",
        );
    }
    assert.equal((await fetch(url)).status, 404);
});

test("what the schema does not allow, in the words of the service", async (t) => {
    const { query } = await start(t);
    const cases = {
        "{ nope }": "FieldUndefined: Field 'nope' in type 'Query' is undefined @ 'nope'",
        '{ getPost(id: "a") { nope } }':
            "FieldUndefined: Field 'nope' in type 'Post' is undefined @ 'getPost/nope'",
        '{ getPost(id: "a", x: 1) { id } }':
            "UnknownArgument: Unknown field argument x @ 'getPost'",
        "query q($a: No) { listPosts(limit: $a) { nextToken } }":
            "UnknownType: Unknown type No",
        "{ getPost { id } }":
            "MissingFieldArgument: Missing field argument id @ 'getPost'",
        '{ getPost(id: "a") }':
            "SubSelectionRequired: Sub selection required for type Post of field " +
            "getPost @ 'getPost'",
        "{ getPost(id: $id) { id } }":
            "UndefinedVariable: Undefined variable id @ 'getPost'",
        "query q($a: ID) { listPosts { nextToken } }":
            "UnusedVariable: Unused variable a",
    };
    for (const [text, message] of Object.entries(cases)) {
        const answer = await query(text);
        assert.equal(answer.status, 200);
        assert.equal(answer.data, null);
        assert.equal(errorOf(answer).message, `Validation error of type ${message}`);
        assert.equal(errorOf(answer).path, null);
    }
});

test("variables that do not fit, in the words of the service", async (t) => {
    const { create, update, query } = await start(t);
    const good = { id: "a", title: "t", rating: 1, status: "ACTIVE" };
    const { rating, ...short } = good;
    const cases = [
        [
            await update("Post", { id: "a", nope: 1 }),
            "The variables input contains a field name 'nope' that is not defined for " +
                "input object type 'UpdatePostInput' ",
        ],
        [
            await update("Post", { id: "a", _lastChangedAt: 1 }),
            "The variables input contains a field name '_lastChangedAt' that is not " +
                "defined for input object type 'UpdatePostInput' ",
        ],
        [
            await create("Post", short),
            "Variable 'rating' has coerced Null value for NonNull type 'Int!'",
        ],
        [
            await create("Post", { ...good, title: null }),
            "Variable 'title' has coerced Null value for NonNull type 'String!'",
        ],
        [
            await query("query q($id: ID!) { getPost(id: $id) { id } }"),
            "Variable 'id' has coerced Null value for NonNull type 'ID!'",
        ],
    ];
    for (const [answer, message] of cases) {
        assert.equal(errorOf(answer).message, message);
        assert.equal(answer.data, null);
    }
    const wrong = await create("Post", { ...good, status: "NOPE" });
    assert.match(errorOf(wrong).message, /^Variable 'status' has an invalid value/);
});

test("an error of a field says where, what and with which record", async (t) => {
    const { update } = await start(t);
    const error = errorOf(await update("Post", { id: "none", _version: 1 }));
    const { message, ...rest } = error;
    assert.match(message, /^No existing item found in the data source : The conditional/);
    assert.deepEqual(rest, {
        path: ["updatePost"],
        data: null,
        errorType: "ConditionalCheckFailedException",
        errorInfo: null,
        locations: [{ line: 1, column: 85, sourceName: null }],
    });
});

test("null in a required field: v1 refuses it, v2 stores it unreadable", async (t) => {
    const post = { id: "a", title: "t", rating: 1, status: "ACTIVE" };
    const change = { id: "a", title: null, _version: 1 };
    const v1 = await start(t);
    await v1.create("Post", post);
    const refused = errorOf(await v1.update("Post", change));
    assert.match(refused.message, /^An argument you marked as Non-Null is set to Null/);
    const v2 = await start(t, BLOG_V2);
    await v2.create("Post", post);
    const answer = await v2.update("Post", change, { select: "id title" });
    assert.equal(answer.data.updatePost, null);
    assert.equal(
        errorOf(answer).message,
        "Cannot return null for non-nullable type: 'String' within parent 'Post' " +
            "(/updatePost/title)",
    );
});
