// The admin calls: what tests use to look inside, to be another client, and to make
// trouble. Every call is one entry of `calls`; its answer is JSON.
import { getNamedType, isLeafType } from "graphql";
import { seed } from "../data/seed.js";
import { readBody } from "./reply.js";

const asList = (value) => (Array.isArray(value) ? value : [value]);

export class Admin {
    constructor(backend) {
        this.backend = backend;
        this.calls = {
            "GET records": (query) => this.#records(query),
            "GET log": ({ since, ...query }) =>
                backend.log.list({ ...query, since: Number(since ?? 0) }),
            "GET stats": () => this.#stats(),
            "GET schema": () => backend.api.sdl,
            "GET faults": () => ({
                faults: backend.faults.list,
                frames: backend.controls.faults,
            }),
            "DELETE faults": () => this.#clearFaults(),
            "POST faults": (query, body) => {
                asList(body).forEach((fault) => backend.faults.add(fault));
                return { faults: backend.faults.list };
            },
            "POST mutate": (query, body) => this.#mutate(body),
            "POST seed": (query, body) => ({
                seeded: seed(backend.store, backend.catalog, body),
            }),
            "POST purge": (query, body) => this.#purge(body),
            "POST reset": (query, body) => this.#reset(body),
            "POST config": (query, body) => this.#configure(body),
            "POST auth": (query, body) => this.#auth(body),
            "POST tokens/expire": () => ({ epoch: ++backend.store.epoch }),
            "POST offline": (query, body) => this.#offline(body),
            "POST ws/drop": (query, body) => ({ dropped: backend.controls.drop(body) }),
            "POST ws/refuse": (query, body) => {
                backend.controls.refusal = { times: 1, how: 503, ...body };
                return backend.controls.refusal;
            },
            "POST ws/mute": (query, { on = true }) => {
                backend.controls.muted = on;
                return { muted: on };
            },
            "POST ws/hold": (query, body) => ({ held: backend.controls.hold(body) }),
            "POST ws/fragment": (query, { size = 16 }) => {
                backend.controls.fragmentSize = size;
                return { size };
            },
            "POST ws/send": (query, body) => backend.controls.inject(body),
            "POST ws/ping": (query, body) => backend.controls.ping(body),
            "POST ws/faults": (query, body) => {
                asList(body).forEach((fault) => backend.controls.addFault(fault));
                return { frames: backend.controls.faults };
            },
        };
    }

    async handle(request, reply) {
        const { pathname, searchParams } = new URL(request.url, "http://localhost");
        const name = `${request.method} ${pathname.slice(1)}`;
        const call = this.calls[name];
        if (!call) {
            reply.json(404, { error: `no such admin call: ${name}` });
            return;
        }
        try {
            const text = await readBody(request);
            const body = text === "" ? {} : JSON.parse(text);
            const result = (await call(Object.fromEntries(searchParams), body)) ?? {
                ok: true,
            };
            if (typeof result === "string") {
                reply.send({
                    status: 200,
                    headers: { "content-type": "text/plain" },
                    text: result,
                });
            } else {
                reply.json(200, result);
            }
        } catch (error) {
            reply.json(400, { error: error.message });
        }
    }

    // Records as they are stored, tombstones included: of all models, of one, or one by
    // its key.
    #records({ model, ...key }) {
        const { store } = this.backend;
        const all = (table) =>
            [...table.rows.keys()].flatMap((one) => table.get(one) ?? []);
        if (!model) {
            return Object.fromEntries(
                [...store.tables].map(([name, table]) => [name, all(table)]),
            );
        }
        const table = store.table(model);
        if (Object.keys(key).length === 0) return all(table);
        return { record: table.get(table.keyOf(key)) ?? null };
    }

    #stats() {
        const { log, store, front, realtime, endpoint } = this.backend;
        const records = {};
        for (const [name, { rows }] of store.tables) {
            const live = [...rows.values()].filter((record) => !record._deleted).length;
            records[name] = { total: rows.size, live };
        }
        const connections = [...realtime.connections.values()].map(
            ({ id, subscriptions }) => ({
                id,
                subscriptions: [...subscriptions.values()].map(({ field }) => field),
            }),
        );
        return {
            ...log.counts,
            seq: log.seq,
            offline: front.offline,
            running: [...endpoint.running],
            connections,
            records,
        };
    }

    // A change by another client, through the same resolvers and told to subscribers: a
    // GraphQL request, or { op, model, input, condition } with _version filled in unless
    // version: "omit".
    #mutate({ query, variables, op, model: name, input, condition, version }) {
        const { endpoint, catalog, store, log } = this.backend;
        const context = { identity: { mode: "admin" } };
        let request = { query, variables };
        if (!query) {
            const model = catalog.models.get(name);
            const field = model?.operations[op];
            if (!field) throw new Error(`no ${op} of ${name}`);
            const table = store.table(name);
            const current = op === "create" ? null : table.get(table.keyOf(input));
            const known =
                current && version !== "omit" ? { _version: current._version } : {};
            const { [op]: inputType, condition: conditionType } = model.inputs;
            const head = `$input: ${inputType}!, $condition: ${conditionType}`;
            const call = `${field}(input: $input, condition: $condition)`;
            request = {
                query: `mutation (${head}) { ${call} ${this.#selection(name)} }`,
                variables: { input: { ...known, ...input }, condition },
            };
        }
        log.add({ kind: "admin", operation: "mutation", body: JSON.stringify(request) });
        return endpoint.run(request, context);
    }

    // All that a client selects: values, embedded types, and the key of a related record.
    #selection(typeName) {
        const { api, catalog } = this.backend;
        const fields = Object.values(api.schema.getType(typeName).getFields()).map(
            (field) => {
                const type = getNamedType(field.type);
                if (isLeafType(type)) return field.name;
                const model = catalog.models.get(type.name);
                if (model) return `${field.name} { ${model.keys.join(" ")} _deleted }`;
                return catalog.embedded.has(type.name)
                    ? `${field.name} ${this.#selection(type.name)}`
                    : "";
            },
        );
        return `{ ${fields.join(" ")} }`;
    }

    // For good, as when the time of a tombstone is over.
    #purge({ model, key }) {
        const { store } = this.backend;
        const table = store.table(model);
        const keys = key ? [table.keyOf(key)] : [...table.rows.keys()];
        keys.forEach((one) => store.drop(table, one));
        return { purged: keys.length };
    }

    #clearFaults() {
        this.backend.faults.clear();
        this.backend.controls.reset();
    }

    #reset({ data = true, log = true }) {
        this.#clearFaults();
        this.backend.front.setOffline(false);
        if (data) this.backend.store.clear();
        if (log) this.backend.log.clear();
    }

    // { delayMs, kaMs, ackTimeoutMs, store: { conflict, mergeBase, … } }
    #configure({ store = {}, ...options }) {
        const { backend } = this;
        for (const [known, given] of [
            [backend.store.options, store],
            [backend.options, options],
        ]) {
            for (const name of Object.keys(given)) {
                if (!(name in known)) throw new Error(`no such setting: ${name}`);
            }
            Object.assign(known, given);
        }
        return { store: backend.store.options };
    }

    // { apiKeys, tokens, iam } replace what is accepted; { expire: TOKEN } ends one
    // token.
    #auth({ expire, ...settings }) {
        if (expire) this.backend.auth.expire(expire);
        this.backend.auth.change(settings);
    }

    #offline({ on = true, ms = 0 }) {
        const { front } = this.backend;
        front.setOffline(on);
        if (on && ms > 0) setTimeout(() => front.setOffline(false), ms).unref();
        return { offline: on };
    }
}
