// POST /graphql: who asks, what meets a fault, the answer, and what subscribers hear of
// it.
import { MalformedRequest } from "../graphql/executor.js";
import { Refused } from "./auth.js";
import { Reply, readBody } from "./reply.js";
import { beforeRun, isCarriedOut, send } from "./faults.js";

export const GRAPHQL_PATH = "/graphql";
const JSON_TYPE = { "content-type": "application/json;charset=UTF-8" };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function refusal(status, errorType, message) {
    return {
        status,
        headers: { ...JSON_TYPE, "x-amzn-errortype": errorType },
        text: JSON.stringify({ errors: [{ errorType, message }] }),
    };
}

export class Endpoint {
    constructor({ executor, auth, faults, log, realtime, options }) {
        Object.assign(this, { executor, auth, faults, log, realtime, options });
        this.count = 0;
        this.running = new Set(); // the numbers of the requests that are not done with
    }

    async handle(request, response) {
        const number = ++this.count;
        this.running.add(number);
        try {
            await this.#handle(request, response);
        } finally {
            this.running.delete(number);
        }
    }

    async #handle(request, response) {
        const body = await readBody(request);
        const { graphql, read } = this.#read(body);
        const about = {
            operation: read?.operation.operation,
            fields: read?.fields.map(({ name }) => name) ?? [],
            body,
        };
        const { method, url, headers, httpVersion: version } = request;
        const entry = this.log.request({ ...about, method, path: url, version, headers });
        const fault = this.faults.take(about);
        await beforeRun(fault);
        if (this.options.delayMs > 0) await sleep(this.options.delayMs);
        const answer = isCarriedOut(fault)
            ? await this.#answer(request, body, { graphql, read, fault })
            : null;
        const sent = await send(fault, answer, new Reply(response, this.options.pack));
        this.log.answer(entry, { ...sent, fault: fault?.kind });
    }

    // What the body is, as far as it can be read; what is wrong with it is said later.
    #read(body) {
        try {
            const graphql = JSON.parse(body);
            return { graphql, read: this.executor.read(graphql) };
        } catch {
            return {};
        }
    }

    async #answer({ method, url, headers }, body, { graphql, read, fault }) {
        try {
            const path = url.split("?")[0];
            const identity = this.auth.identify({ method, path, headers, body });
            if (!read) throw new MalformedRequest();
            const result = await this.run(graphql, { identity, fault });
            return { status: 200, headers: JSON_TYPE, text: JSON.stringify(result) };
        } catch (error) {
            if (error instanceof Refused) {
                return refusal(error.status, error.errorType, error.message);
            }
            if (!(error instanceof MalformedRequest)) throw error;
            const message = "Unable to parse GraphQL query.";
            return refusal(400, "MalformedHttpRequestException", message);
        }
    }

    // Runs a request for whoever it is and tells the subscribers; also the way of admin
    // calls.
    async run(graphql, context) {
        const result = await this.executor.run(graphql, context);
        const { operation, fields } = this.executor.read(graphql);
        if (operation.operation === "mutation") {
            for (const { key, name } of fields) {
                const payload = result.data?.[key] ?? null;
                if (payload !== null) this.realtime.publish(name, payload);
            }
        }
        return result;
    }
}
