// The executable schema: the SDL of the API with the scalars of AppSync and a resolver on
// each root and relation field. Every other field is read from the record.
import { buildSchema } from "graphql";
import { printApi } from "../schema/api.js";
import { SCALARS } from "../schema/scalars.js";
import { planSync } from "./keyed_sync.js";
import * as mutations from "./mutations.js";

const VERBS = {
    create: mutations.create,
    update: mutations.update,
    delete: mutations.remove,
};

function useScalars(schema) {
    for (const [name, scalar] of Object.entries(SCALARS)) {
        const { serialize, parseValue, parseLiteral } = scalar;
        Object.assign(schema.getType(name), { serialize, parseValue, parseLiteral });
    }
}

// What each root field does: name -> { kind, model, run(args) }.
function rootOperations(catalog, store) {
    const result = { Query: new Map(), Mutation: new Map() };
    for (const model of catalog.models.values()) {
        const table = store.table(model.name);
        const { operations } = model;
        const add = (type, kind, run) => {
            if (operations[kind]) {
                result[type].set(operations[kind], { kind, model, run });
            }
        };
        add("Query", "get", (args) => table.get(table.keyOf(args)) ?? null);
        add("Query", "list", (args) => store.list(table, args));
        add("Query", "sync", (args) => {
            const inDelta =
                catalog.version === "v1"
                    ? Boolean(args.lastSync)
                    : store.reachesBack(args.lastSync);
            return store.sync(table, {
                ...args,
                ...planSync(model, args.filter, inDelta),
            });
        });
        for (const [verb, run] of Object.entries(VERBS)) {
            add("Mutation", verb, (args) => run(store, model, catalog.version, args));
        }
    }
    return result;
}

// The record that a relation field points to, or a page of those that point back.
export function relatedOne(store, relation, source) {
    const values = relation.here.map((name) => source[name]);
    if (values.some((value) => value === undefined || value === null)) return null;
    const table = store.table(relation.target.name);
    const { keys } = relation.target;
    const isKey =
        keys.length === relation.there.length &&
        keys.every((key) => relation.there.includes(key));
    if (isKey) {
        const at = Object.fromEntries(relation.there.map((name, i) => [name, values[i]]));
        return table.get(table.keyOf(at)) ?? null;
    }
    return relatedMany(store, relation, source, { limit: 1 }).items[0] ?? null;
}

function relatedMany(store, relation, source, args) {
    const values = relation.here.map((name) => source[name]);
    if (values.some((value) => value === undefined || value === null)) {
        return { items: [] };
    }
    const visit = (record) =>
        relation.there.every((name, i) => record[name] === values[i]);
    return store.list(store.table(relation.target.name), { ...args, visit });
}

function useRelations(schema, catalog, store) {
    for (const model of catalog.models.values()) {
        const fields = schema.getType(model.name).getFields();
        for (const relation of model.relations) {
            // An event has what the mutation selected, and nothing is looked up for it.
            fields[relation.name].resolve = (source, args, context, info) => {
                if (info.operation.operation === "subscription") {
                    return source[relation.name];
                }
                return relation.type.list
                    ? relatedMany(store, relation, source, args)
                    : relatedOne(store, relation, source);
            };
        }
    }
}

// Of an owner's claims, which v2 stores all, a reader is shown the last one.
function useOwners(schema, catalog) {
    if (catalog.version !== "v2") return;
    const shown = (value) => (typeof value === "string" ? value.split("::").pop() : value);
    for (const model of catalog.models.values()) {
        const fields = schema.getType(model.name).getFields();
        for (const rule of model.rules) {
            const isJoined = (rule.identityClaim ?? "::").includes("::");
            if (rule.allow !== "owner" || !isJoined) continue;
            fields[rule.ownerField].resolve = (source) => {
                const value = source[rule.ownerField];
                return Array.isArray(value) ? value.map(shown) : shown(value);
            };
        }
    }
}

// guard({ name, type, kind, model, run, context }, args) calls run(args) or throws: it
// stands around each root operation, for faults and permissions.
export function buildApi(catalog, store, guard) {
    const sdl = printApi(catalog);
    const schema = buildSchema(sdl, { assumeValid: true });
    useScalars(schema);
    const operations = rootOperations(catalog, store);
    for (const [type, fields] of Object.entries(operations)) {
        for (const [name, operation] of fields) {
            schema.getType(type).getFields()[name].resolve = (source, args, context) =>
                guard({ name, type, context, ...operation }, args);
        }
    }
    useRelations(schema, catalog, store);
    useOwners(schema, catalog);
    return {
        catalog,
        sdl,
        schema,
        operations,
        guard,
        subscriptions: subscriptionsOf(catalog),
    };
}

// mutation field -> { model, fields: the subscription fields that it feeds }
function subscriptionsOf(catalog) {
    const result = new Map();
    for (const model of catalog.models.values()) {
        for (const verb of Object.keys(VERBS)) {
            const name = model.operations[verb];
            const fields = model.operations[`on${verb[0].toUpperCase()}${verb.slice(1)}`];
            if (name) result.set(name, { model, fields });
        }
    }
    return result;
}
