// Faults of the HTTP endpoint. A fault waits for the requests that it matches and then
// spoils `times` of them. With "after" the request is carried out first: the lost answer.
//
//     { "kind": "reset", "times": 1, "skip": 0, "after": true,
//       "match": { "operation": "mutation", "field": "createPost", "fieldPrefix": "sync",
//                  "text": "some words of the body" } }
import { ServiceError } from "../errors.js";

const JSON_TYPE = { "content-type": "application/json;charset=UTF-8" };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function failure(status, errorType, message, more = {}) {
    return (fault) => ({
        status: fault.status ?? status,
        headers: {
            ...JSON_TYPE,
            "x-amzn-errortype": errorType,
            ...more,
            ...fault.headers,
        },
        text: fault.body ?? JSON.stringify({ errors: [{ errorType, message }] }),
    });
}

// Kinds that put another answer in the place of the true one, which is null if not
// carried out.
const ANSWERS = {
    http500: failure(500, "InternalFailure", "Internal Failure"),
    throttle: (fault) => {
        const { retryAfter } = fault;
        const more =
            retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
        return failure(429, "ThrottledException", "Rate exceeded", more)(fault);
    },
    unauthorized: failure(
        401,
        "UnauthorizedException",
        "You are not authorized to make this call.",
    ),
    empty: () => ({ status: 200, headers: JSON_TYPE, text: "" }),
    html: (fault) => ({
        status: fault.status ?? 200,
        headers: { "content-type": "text/html" },
        text: fault.body ?? "<html><body>Please log in to this network.</body></html>",
    }),
    malformed: (fault, answer) => ({
        status: 200,
        headers: JSON_TYPE,
        text: fault.body ?? answer?.text.slice(0, -2) ?? '{"data":{"',
    }),
    raw: (fault) => ({
        status: fault.status ?? 200,
        headers: fault.headers ?? JSON_TYPE,
        text: fault.base64 ? Buffer.from(fault.base64, "base64") : fault.body ?? "",
    }),
};

// Kinds that spoil the connection instead.
const CONNECTIONS = {
    reset: (fault, answer, reply) => reply.reset(),
    // ms: 0 is for ever.
    timeout: async (fault, answer, reply) => {
        if (!fault.ms) return;
        await sleep(fault.ms);
        reply.reset();
    },
    truncated: async (fault, answer, reply) => {
        const whole = Buffer.from(answer?.text ?? '{"data":{"x":1}}');
        reply.head(200, { ...JSON_TYPE, "content-length": whole.length });
        await reply.write(whole.subarray(0, Math.floor(whole.length / 2)));
        reply.reset();
    },
};

// Kinds that let the request be carried out and the true answer go, in another way.
const MANNERS = ["delay", "slow", "graphqlError", "partialData"];

// The answer with null for items of the page or, where there is none, for root fields.
function withoutItems(
    text,
    { items = [0], errorType = "DynamoDB:DynamoDbException", message },
) {
    const body = JSON.parse(text);
    const errors = body.errors ?? [];
    for (const [field, value] of Object.entries(body.data ?? {})) {
        const list = value?.items;
        if (!list) continue;
        for (const at of items.filter((one) => one < list.length)) {
            list[at] = null;
            errors.push({
                path: [field, "items", at],
                errorType,
                errorInfo: null,
                locations: null,
                message: message ?? "injected fault",
            });
        }
    }
    return JSON.stringify({ ...body, errors });
}

export class Faults {
    constructor() {
        this.clear();
        this.count = 0;
    }

    clear() {
        this.list = [];
    }

    add(fault) {
        const { kind } = fault;
        if (!(kind in ANSWERS) && !(kind in CONNECTIONS) && !MANNERS.includes(kind)) {
            throw new Error(`no such kind of fault: ${kind}`);
        }
        this.list.push({
            id: ++this.count,
            times: 1,
            skip: 0,
            after: false,
            hits: 0,
            ...fault,
        });
    }

    // The fault that a request meets, or null. times: null is always.
    take({ operation, fields, body }) {
        for (const fault of this.list) {
            const { operation: kind, field, fieldPrefix, text } = fault.match ?? {};
            const matches =
                fault.times !== 0 &&
                (!kind || kind === operation) &&
                (!field || fields.includes(field)) &&
                (!fieldPrefix || fields.some((name) => name.startsWith(fieldPrefix))) &&
                (!text || body.includes(text));
            if (!matches) continue;
            if (fault.skip > 0) {
                fault.skip--;
                continue;
            }
            if (fault.times !== null) fault.times--;
            fault.hits++;
            return fault;
        }
        return null;
    }
}

// Does the request reach the data at all?
export function isCarriedOut(fault) {
    return !fault || fault.after || MANNERS.includes(fault.kind);
}

export async function beforeRun(fault) {
    if (fault?.kind === "delay" && !fault.after) await sleep(fault.ms ?? 1000);
}

// Gives the answer as it was sent, for the log; its text is undefined if nothing whole
// was.
export async function send(fault, answer, reply) {
    const { kind } = fault ?? {};
    if (kind in CONNECTIONS) {
        await CONNECTIONS[kind](fault, answer, reply);
        return { status: 0 };
    }
    let sent = kind in ANSWERS ? ANSWERS[kind](fault, answer) : answer;
    if (kind === "partialData") sent = { ...sent, text: withoutItems(sent.text, fault) };
    if (kind === "delay" && fault.after) await sleep(fault.ms ?? 1000);
    if (kind === "slow") await sendSlowly(fault, sent, reply);
    else sent = { ...sent, packed: reply.send(sent) };
    return sent;
}

async function sendSlowly({ size = 64, ms = 5 }, { status, headers, text }, reply) {
    const whole = Buffer.from(text);
    reply.head(status, headers);
    for (let at = 0; at < whole.length; at += size) {
        await reply.write(whole.subarray(at, at + size));
        await sleep(ms);
    }
    reply.end();
}

// graphqlError: one root field fails and the others go on. `name`, if the fault names a
// field, and `text`, if it names words, must be of this very field and its arguments.
export function failsField(fault, { name }, args) {
    if (fault?.kind !== "graphqlError") return false;
    const { field, fieldPrefix, text } = fault.match ?? {};
    return (
        (!field || field === name) &&
        (!fieldPrefix || name.startsWith(fieldPrefix)) &&
        (!text || JSON.stringify(args).includes(text))
    );
}

export function fieldError({ errorType = "InternalFailure", message, data = null }) {
    return new ServiceError(errorType, message ?? "injected fault", data);
}
