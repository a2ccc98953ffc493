import assert from "node:assert/strict";
import test from "node:test";
import { errorOf, start } from "./support.js";

// A token as a user pool gives it; the backend looks at its claims only.
function jwt(sub, username, groups) {
    const claims = { sub, username, "cognito:groups": groups };
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "none" })}.${part(claims)}.x`;
}

const ANN = jwt("1", "ann");
const BOB = jwt("2", "bob", ["Admin"]);
const SDL = `
    type Private @model
        @auth(rules: [{ allow: owner }, { allow: groups, groups: ["Admin"] }]) {
        id: ID! text: String
    }
    type Public @model
        @auth(rules: [{ allow: public, operations: [read] }, { allow: private }]) {
        id: ID!
    }
    type Keyed @model @auth(rules: [{ allow: private, provider: iam }]) { id: ID! }`;

async function callers(t, transformer) {
    const auth = { apiKeys: ["key"], tokens: [ANN, BOB] };
    const client = await start(t, SDL, { auth, transformer });
    const as = (headers) => (text) => client.query(text, undefined, headers);
    return {
        client,
        ann: as({ authorization: ANN }),
        bob: as({ authorization: BOB }),
        key: as({ "x-api-key": "key" }),
    };
}

const create = (id) => `mutation { createPrivate(input: {id: "${id}"}) { id owner } }`;
const update = (id) =>
    `mutation { updatePrivate(input: {id: "${id}", text: "x", _version: 1}) { id } }`;
const isRefused = (answer, name) => {
    const error = errorOf(answer);
    assert.equal(error.errorType, "Unauthorized");
    assert.match(error.message, new RegExp(`^Not Authorized to access ${name} on type `));
};

for (const transformer of ["v1", "v2"]) {
    test(`${transformer}: owners have what is theirs, groups everything`, async (t) => {
        const { ann, bob, key } = await callers(t, transformer);
        const { owner } = (await ann(create("a"))).data.createPrivate;
        assert.equal(owner, transformer === "v1" ? "ann" : "1::ann");
        await bob(create("b"));
        const list = "{ syncPrivates { items { id } } }";
        const ids = (answer) => answer.data.syncPrivates.items.map(({ id }) => id);
        assert.deepEqual(ids(await ann(list)), ["a"]);
        assert.deepEqual(ids(await bob(list)).sort(), ["a", "b"]);
        isRefused(await ann(update("b")), "updatePrivate");
        isRefused(await ann(update("none")), "updatePrivate");
        isRefused(await ann('{ getPrivate(id: "b") { id } }'), "getPrivate");
        assert.equal((await bob(update("a"))).data.updatePrivate.id, "a");
        isRefused(await key(list), "syncPrivates");
        isRefused(await key(create("c")), "createPrivate");
    });
}

test("rules of operations and providers", async (t) => {
    const { ann, key } = await callers(t, "v2");
    const make = 'mutation { createPublic(input: {id: "a"}) { id } }';
    isRefused(await key(make), "createPublic");
    assert.equal((await ann(make)).data.createPublic.id, "a");
    assert.equal(
        (await key("{ syncPublics { items { id } } }")).data.syncPublics.items.length,
        1,
    );
    isRefused(await ann("{ syncKeyeds { items { id } } }"), "syncKeyeds");
});

test("one refused root field does not stop the others", async (t) => {
    const { key } = await callers(t, "v2");
    const { data, errors } = await key(
        "{ syncPrivates { nextToken } syncPublics { nextToken } }",
    );
    assert.deepEqual(data, { syncPrivates: null, syncPublics: { nextToken: null } });
    assert.deepEqual(errors[0].path, ["syncPrivates"]);
});

test("subscriptions: refused, or only what is one's own", async (t) => {
    const { client, ann, bob } = await callers(t, "v2");
    const text = "subscription { onCreatePrivate { id } }";
    const hers = await client.connect({ headers: { authorization: ANN } });
    assert.equal((await hers.subscribe("1", text)).type, "start_ack");
    const wrong = 'subscription { onCreatePrivate(owner: "bob") { id } }';
    const refused = await hers.subscribe("2", wrong);
    assert.equal(refused.payload.errors[0].errorType, "Unauthorized");
    const other = await client.connect({ headers: { "x-api-key": "key" } });
    assert.equal(
        (await other.subscribe("1", text)).payload.errors[0].errorType,
        "Unauthorized",
    );
    await bob(create("b"));
    await ann(create("a"));
    const { payload } = await hers.frame("data");
    assert.deepEqual(payload.data, { onCreatePrivate: { id: "a" } });
});
