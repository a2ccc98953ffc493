// Shared by the tests: a running backend, requests, and a realtime client.
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { Backend, DEFAULT_API_KEY } from "../lib/backend.js";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const BLOG = fs.readFileSync(`${ROOT}schema/blog.graphql`, "utf8");
export const BLOG_V2 = BLOG.replace(
    '[Comment] @connection(name: "PostComments")',
    "[Comment] @hasMany",
).replace('Post @connection(name: "PostComments")', "Post @belongsTo");
export const POST =
    "id title rating status createdAt updatedAt _version _lastChangedAt _deleted";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Waits until probe() gives something, for that many seconds at most.
export async function until(probe, seconds = 60) {
    const end = performance.now() + seconds * 1000;
    do {
        const found = await probe();
        if (found) return found;
        await sleep(10);
    } while (performance.now() < end);
    throw new Error("it never came");
}

async function answerOf(response) {
    const text = await response.text();
    try {
        return {
            status: response.status,
            headers: response.headers,
            ...JSON.parse(text),
        };
    } catch {
        return { status: response.status, headers: response.headers, text };
    }
}

// Clients of a backend at these addresses.
export function clients({ url, realtimeUrl, admin, apiKey }) {
    const key = { "x-api-key": apiKey ?? DEFAULT_API_KEY };
    const send = async (body, headers = key) =>
        answerOf(await fetch(url, { method: "POST", headers, body }));
    const query = (text, variables, headers) =>
        send(JSON.stringify({ query: text, variables }), headers);
    const mutate =
        (verb) =>
        (model, input, { condition, select = "id _version" } = {}) => {
            const field = verb.toLowerCase() + model;
            const inputs = [`${verb}${model}Input!`, `Model${model}ConditionInput`];
            const head = `$input: ${inputs[0]}, $condition: ${inputs[1]}`;
            const call = `${field}(input: $input, condition: $condition) { ${select} }`;
            return query(`mutation operation(${head}) { ${call} }`, { input, condition });
        };
    return {
        url,
        send,
        query,
        create: mutate("Create"),
        update: mutate("Update"),
        remove: mutate("Delete"),
        sync: async (model, variables = {}, select = "id") => {
            const head =
                "$limit: Int, $nextToken: String, $lastSync: AWSTimestamp, " +
                `$filter: Model${model}FilterInput`;
            const args =
                "limit: $limit, nextToken: $nextToken, " +
                "lastSync: $lastSync, filter: $filter";
            const fields = `items { ${select} } nextToken startedAt`;
            const call = `sync${model}s(${args}) { ${fields} }`;
            const answer = await query(`query operation(${head}) { ${call} }`, variables);
            return answer.data?.[`sync${model}s`] ?? answer;
        },
        // admin("POST seed", {…}): the answer, or an error with what it says.
        admin: async (call, body) => {
            const [method, path] = call.split(" ");
            const init = { method, body: body && JSON.stringify(body) };
            const response = await fetch(admin + path, init);
            const result = await response.json();
            if (response.status !== 200) throw new Error(result.error);
            return result;
        },
        connect: (options) => connect(realtimeUrl, { headers: key, ...options }),
    };
}

// A backend of this process, which ends with the test.
export async function start(t, sdl = BLOG, options = {}) {
    const backend = new Backend(sdl, options);
    t.after(() => backend.stop());
    return { backend, ...clients(await backend.start()) };
}

export const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64");

// A realtime connection: frames that came in, and ways to wait for one.
export async function connect(url, { headers, form = "url", init = true, ...options }) {
    const protocols = ["graphql-ws"];
    const address = new URL(url);
    if (form === "url") {
        address.searchParams.set("header", encode(headers));
        address.searchParams.set("payload", "e30=");
    } else if (form === "protocol") {
        protocols.push(
            `header-${Buffer.from(JSON.stringify(headers)).toString("base64url")}`,
        );
    } else {
        options.headers = headers;
    }
    const socket = new WebSocket(address, protocols, options);
    const client = { socket, frames: [], closed: null, pings: 0, error: null };
    socket.on("message", (data) => client.frames.push(JSON.parse(data.toString())));
    socket.on("ping", () => client.pings++);
    socket.on("close", (code) => (client.closed = code));
    socket.on("error", (error) => (client.error = error));
    client.send = (frame) =>
        socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
    client.frame = (type, id) =>
        until(() =>
            client.frames.find((one) => one.type === type && (!id || one.id === id)),
        );
    client.events = () => client.frames.filter(({ type }) => type === "data");
    client.begin = (id, text, variables = {}, authorization = headers) => {
        const data = JSON.stringify({ query: text, variables });
        client.send({
            id,
            type: "start",
            payload: { data, extensions: { authorization } },
        });
    };
    client.subscribe = async (id, ...more) => {
        client.begin(id, ...more);
        return until(() => client.frames.find((one) => one.id === id));
    };
    await until(
        () => socket.readyState === WebSocket.OPEN || client.closed || client.error,
    );
    if (init && socket.readyState === WebSocket.OPEN) {
        client.send({ type: "connection_init" });
        await client.frame("connection_ack");
    }
    return client;
}

export const errorOf = (answer) => answer.errors?.[0] ?? {};
