import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { checkSignature, sign } from "../lib/server/sigv4.js";
import { BLOG, errorOf, start } from "./support.js";

const LIST = JSON.stringify({ query: "{ listPosts { nextToken } }" });
const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

function signed({
    path = "/graphql",
    body,
    headers = {},
    key = "AKIDEXAMPLE",
    secret = SECRET,
}) {
    const stamp = `${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`;
    const all = { ...headers, "x-amz-date": stamp };
    const signedHeaders = Object.keys(all).sort().join(";");
    const scope = { date: stamp.slice(0, 8), region: "eu-west-1", service: "appsync" };
    const signature = sign(
        { method: "POST", path, headers: all, signedHeaders, body },
        scope,
        secret,
    );
    const place = `${key}/${scope.date}/eu-west-1/appsync/aws4_request`;
    const authorization =
        `AWS4-HMAC-SHA256 Credential=${place}, SignedHeaders=${signedHeaders}, ` +
        `Signature=${signature}`;
    return { ...all, authorization };
}

// get-vanilla and post-vanilla of AWS's published test suite for Signature Version 4.
test("signatures are those of AWS's own test suite", () => {
    const scope = { date: "20150830", region: "us-east-1", service: "service" };
    const headers = { host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z" };
    const request = { path: "/", headers, signedHeaders: "host;x-amz-date", body: "" };
    assert.equal(
        sign({ ...request, method: "GET" }, scope, SECRET),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    );
    assert.equal(
        sign({ ...request, method: "POST" }, scope, SECRET),
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    );
    assert.equal(createHash("sha256").update("").digest("hex").slice(0, 8), "e3b0c442");
});

test("API key", async (t) => {
    const { send } = await start(t, BLOG, {
        auth: { apiKeys: ["k1", "k2"], tokens: [] },
    });
    assert.equal((await send(LIST, { "x-api-key": "k2" })).status, 200);
    for (const headers of [{ "x-api-key": "no" }, {}, { authorization: "k1" }]) {
        const answer = await send(LIST, headers);
        assert.equal(answer.status, 401);
        assert.equal(errorOf(answer).errorType, "UnauthorizedException");
        assert.equal(answer.headers.get("x-amzn-errortype"), "UnauthorizedException");
    }
    const malformed = await send("{", { "x-api-key": "no" });
    assert.equal(malformed.status, 401, "who asks is looked at first");
});

test("tokens: accepted, expired, replaced", async (t) => {
    const { send, admin } = await start(t, BLOG, {
        auth: { apiKeys: [], tokens: ["one"] },
    });
    assert.equal((await send(LIST, { authorization: "one" })).status, 200);
    await admin("POST auth", { expire: "one" });
    const expired = await send(LIST, { authorization: "one" });
    assert.equal(expired.status, 401);
    assert.equal(errorOf(expired).message, "Token has expired.");
    await admin("POST auth", { tokens: ["two"] });
    assert.equal((await send(LIST, { authorization: "two" })).status, 200);
});

test("signed requests", async (t) => {
    const auth = {
        apiKeys: [],
        tokens: [],
        iam: [`AKIDEXAMPLE:${SECRET}`, `AKIDTEMP:${SECRET}:ses:sion`],
    };
    const { send, url, admin } = await start(t, BLOG, { auth });
    const { host } = new URL(url);
    const json = { host, "content-type": "application/json; charset=UTF-8" };
    const post = (headers, body = LIST) => send(body, headers);
    assert.equal((await post(signed({ body: LIST, headers: json }))).status, 200);
    const session = { ...json, "x-amz-security-token": "ses:sion" };
    const temporary = signed({ body: LIST, headers: session, key: "AKIDTEMP" });
    assert.equal((await post(temporary)).status, 200);
    const refusals = [
        [
            await post(signed({ body: LIST, headers: json }), `${LIST} `),
            "InvalidSignature",
        ],
        [
            await post(signed({ body: LIST, headers: json, secret: "x" })),
            "InvalidSignature",
        ],
        [
            await post(signed({ body: LIST, headers: json, path: "/" })),
            "InvalidSignature",
        ],
        [
            await post(signed({ body: LIST, headers: json, key: "AKIDTEMP" })),
            "Unrecognized",
        ],
        [
            await post(signed({ body: LIST, headers: json, key: "NOBODY" })),
            "Unrecognized",
        ],
        [await post({ authorization: "AWS4-HMAC-SHA256 Credential=x" }), "Incomplete"],
    ];
    for (const [answer, type] of refusals) {
        assert.equal(answer.status, 403);
        assert.match(errorOf(answer).errorType, new RegExp(`^${type}`));
    }
    await admin("POST auth", { expire: "ses:sion" });
    const expired = await post(temporary);
    assert.equal(expired.status, 403);
    assert.equal(errorOf(expired).errorType, "ExpiredTokenException");
    await admin("POST auth", { iam: [`AKIDTEMP:${SECRET}:ses:sion`] });
    assert.equal((await post(temporary)).status, 200);
});

test("a signature must be fresh and cover the host", () => {
    const keys = new Map([["AKIDEXAMPLE", { secret: SECRET }]]);
    const headers = signed({ body: "{}", headers: { host: "h" } });
    const request = { method: "POST", path: "/graphql", headers, body: "{}" };
    assert.equal(checkSignature(request, keys), null);
    const late = checkSignature(request, keys, { now: Date.now() + 16 * 60 * 1000 });
    assert.equal(late.type, "InvalidSignatureException");
    const bare = { ...request, headers: signed({ body: "{}" }) };
    assert.equal(checkSignature(bare, keys).type, "InvalidSignatureException");
});

// ---- realtime --------------------------------------------------------------------

const SUBSCRIPTION = "subscription { onCreatePost { id } }";

for (const form of ["url", "protocol", "headers"]) {
    test(`realtime: the authorization of a connection as ${form}`, async (t) => {
        const { connect } = await start(t);
        const client = await connect({ form });
        assert.ok(client.frames.some(({ type }) => type === "connection_ack"));
        const bad = await connect({ form, headers: { "x-api-key": "no" }, init: false });
        const { payload } = await bad.frame("connection_error");
        assert.equal(payload.errors[0].errorType, "UnauthorizedException");
        assert.equal(payload.errors[0].errorCode, 401);
    });
}

test("realtime: each start has its own authorization", async (t) => {
    const { connect } = await start(t);
    const client = await connect();
    const refused = await client.subscribe("1", SUBSCRIPTION, {}, { "x-api-key": "no" });
    assert.equal(refused.type, "error");
    assert.equal(refused.payload.errors[0].errorType, "UnauthorizedException");
    assert.equal((await client.subscribe("2", SUBSCRIPTION)).type, "start_ack");
});

test("realtime: signed connections and starts", async (t) => {
    const auth = { apiKeys: [], tokens: [], iam: [`AKIDEXAMPLE:${SECRET}`] };
    const { connect, url } = await start(t, BLOG, { auth });
    const headers = {
        host: new URL(url).host,
        accept: "application/json, text/javascript",
    };
    const opening = signed({ path: "/graphql/connect", body: "{}", headers });
    const { authorization, ...rest } = opening;
    const client = await connect({ headers: { ...rest, Authorization: authorization } });
    const data = JSON.stringify({ query: SUBSCRIPTION, variables: {} });
    const good = signed({ body: data, headers });
    assert.equal((await client.subscribe("1", SUBSCRIPTION, {}, good)).type, "start_ack");
    assert.equal((await client.subscribe("2", SUBSCRIPTION, {}, opening)).type, "error");
});
