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
        const { client, ann, bob, key } = await callers(t, transformer);
        const { owner } = (await ann(create("a"))).data.createPrivate;
        assert.equal(owner, "ann");
        const { record } = await client.admin("GET records?model=Private&id=a");
        assert.equal(record.owner, transformer === "v1" ? "ann" : "1::ann");
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

const OWNED = `
    type Private @model @auth(rules: [{ allow: owner }]) { id: ID! text: String }
    type Two @model @auth(rules: [
        { allow: owner }, { allow: owner, ownerField: "by", identityClaim: "sub" }]) {
        id: ID! by: String
    }
    type Open @model(subscriptions: { level: public }) @auth(rules: [{ allow: owner }]) {
        id: ID!
    }`;

// An ID token has the name in another claim than an access token.
const CAT = (() => {
    const claims = { sub: "3", "cognito:username": "cat" };
    return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
})();

// How a subscription of Ann's is answered: "start_ack", or the errors' types or messages.
async function answers(t, transformer, sdl, token = ANN) {
    const auth = { apiKeys: ["key"], tokens: [ANN, BOB, CAT] };
    const client = await start(t, sdl, { auth, transformer });
    const socket = await client.connect({ headers: { authorization: token } });
    let count = 0;
    const ask = async (call, variables) => {
        const { type, payload } = await socket.subscribe(`${++count}`, call, variables);
        if (type === "start_ack") return type;
        return payload.errors.map((one) => one.errorType ?? one.message).join();
    };
    return { client, socket, ask };
}

test("v1: a subscription names its owner, and must not name another", async (t) => {
    const { ask } = await answers(t, "v1", OWNED);
    const call = (type) =>
        `subscription operation($owner: ${type}) { onCreatePrivate(owner: $owner) { id } }`;
    assert.match(await ask("subscription { onCreatePrivate { id } }"), /owner/);
    assert.match(await ask(call("String!"), {}), /coerced Null value/);
    assert.match(await ask(call("String"), { owner: "ann" }), /owner/);
    assert.equal(await ask(call("String!"), { owner: "bob" }), "Unauthorized");
    assert.equal(await ask(call("String!"), { owner: "1" }), "Unauthorized");
    assert.equal(await ask(call("String!"), { owner: "1::ann" }), "Unauthorized");
    assert.equal(await ask(call("String!"), { owner: "ann" }), "start_ack");
});

test("v1: the name of an ID token's user", async (t) => {
    const { ask } = await answers(t, "v1", OWNED, CAT);
    const call = (owner) => `subscription { onCreatePrivate(owner: "${owner}") { id } }`;
    assert.equal(await ask(call("ann")), "Unauthorized");
    assert.equal(await ask(call("cat")), "start_ack");
});

test("v1: an owner that need not be named is refused without", async (t) => {
    const { ask } = await answers(t, "v1", OWNED);
    const call = (args) => `subscription { onCreateTwo${args} { id } }`;
    assert.equal(await ask(call("")), "Unauthorized");
    assert.equal(await ask(call('(owner: "ann")')), "start_ack");
    assert.equal(await ask(call('(by: "1")')), "start_ack");
    assert.equal(await ask(call('(by: "ann")')), "Unauthorized");
});

test("v1: events of the owner that was named", async (t) => {
    const { client, socket, ask } = await answers(t, "v1", OWNED);
    const call = 'subscription { onCreatePrivate(owner: "ann") { id owner } }';
    assert.equal(await ask(call), "start_ack");
    await client.query(create("b"), undefined, { authorization: BOB });
    await client.query('mutation { createPrivate(input: {id: "x"}) { id } }', undefined, {
        authorization: ANN,
    });
    await client.query(create("a"), undefined, { authorization: ANN });
    const { payload } = await socket.frame("data");
    assert.deepEqual(payload.data, { onCreatePrivate: { id: "a", owner: "ann" } });
});

test("v1: a group needs no owner", async (t) => {
    const call = "subscription { onCreatePrivate { id } }";
    const bobs = await answers(t, "v1", SDL, BOB);
    assert.equal(await bobs.ask(call), "start_ack");
    const anns = await answers(t, "v1", SDL);
    assert.equal(await anns.ask(call), "Unauthorized");
});

test("v2: an owner may be named, in each of its forms", async (t) => {
    const { ask } = await answers(t, "v2", OWNED);
    const call = (args) => `subscription { onCreatePrivate${args} { id } }`;
    for (const args of ["", '(owner: "ann")', '(owner: "1")', '(owner: "1::ann")']) {
        assert.equal(await ask(call(args)), "start_ack");
    }
    assert.equal(await ask(call('(owner: "bob")')), "Unauthorized");
});

test("v2: an event shows the name alone, and is chosen by that", async (t) => {
    const { client, socket, ask } = await answers(t, "v2", OWNED);
    const call = (owner) => `subscription { onCreatePrivate(owner: "${owner}") { id } }`;
    await ask(call("1::ann"));
    await ask(call("ann"));
    await client.query(create("a"), undefined, { authorization: ANN });
    assert.equal((await socket.frame("data")).id, "2");
});

for (const transformer of ["v1", "v2"]) {
    test(`${transformer}: public subscriptions ask for nobody`, async (t) => {
        const { ask } = await answers(t, transformer, OWNED);
        assert.equal(await ask("subscription { onCreateOpen { id } }"), "start_ack");
    });
}
