// A short way for the request that must not be slow: one page of a sync. A selection of
// plain fields is turned into a function once, instead of walking it for each record.
// Whatever is not plain, in the document or in a record (a missing value, one of the
// wrong type), goes the long way, which alone knows how to say errors.
import {
    Kind,
    getArgumentValues,
    getNullableType,
    getVariableValues,
    isEnumType,
    isLeafType,
    isListType,
    isNonNullType,
} from "graphql";
import { relatedOne } from "./api_schema.js";

// Thrown to give up; there is no answer but the long way's.
const NOT_PLAIN = Symbol("not plain");

function isPlain({ kind, arguments: args, directives }) {
    return kind === Kind.FIELD && args.length === 0 && directives.length === 0;
}

function leafReader(type) {
    if (!isEnumType(type)) return (value) => type.serialize(value);
    const values = new Set(type.getValues().map((one) => one.value));
    return (value) => {
        if (values.has(value)) return value;
        throw NOT_PLAIN;
    };
}

// reader(type, node) gives value => output, or throws NOT_PLAIN.
function reader(type, node, relations) {
    if (isNonNullType(type)) {
        const read = reader(type.ofType, node, relations);
        return (value) => {
            const result = read(value);
            if (result === null) throw NOT_PLAIN;
            return result;
        };
    }
    if (isListType(type)) {
        const read = reader(type.ofType, node, relations);
        return (value) => {
            if (value === null || value === undefined) return null;
            if (!Array.isArray(value)) throw NOT_PLAIN;
            return value.map(read);
        };
    }
    const read = isLeafType(type)
        ? leafReader(type)
        : objectReader(type, node, relations);
    return (value) => (value === null || value === undefined ? null : read(value));
}

function objectReader(type, node, relations) {
    const keys = new Set();
    const fields = node.selectionSet.selections.map((selection) => {
        const key = (selection.alias ?? selection.name)?.value;
        if (!isPlain(selection) || keys.has(key)) throw NOT_PLAIN;
        keys.add(key);
        const name = selection.name.value;
        const field = type.getFields()[name];
        if (!field) throw NOT_PLAIN; // __typename
        const relation = relations(type.name, name);
        if (field.resolve && !relation) throw NOT_PLAIN; // a has-many field
        const read = reader(field.type, selection, relations);
        const get = relation ?? ((record) => record[name]);
        return [key, get, read];
    });
    return (record) => {
        const result = {};
        for (const [key, get, read] of fields) result[key] = read(get(record));
        return result;
    };
}

// (type name, field name) => record => related record, for relations to one.
function relationGetters(api, store) {
    return (type, name) => {
        const { relations = [] } = api.catalog.models.get(type) ?? {};
        const relation = relations.find((one) => one.name === name);
        if (!relation || relation.type.list) return undefined;
        return (record) => relatedOne(store, relation, record);
    };
}

// compilePage(...) gives (variables, context) => data or null, or null for other
// operations.
export function compilePage(api, store, operation) {
    const [root, ...more] = operation.selectionSet.selections;
    const known = api.operations.Query.get(root.name?.value);
    if (known?.kind !== "sync" || more.length > 0 || root.directives.length > 0) {
        return null;
    }
    const field = api.schema.getQueryType().getFields()[root.name.value];
    let read;
    try {
        read = objectReader(
            getNullableType(field.type),
            root,
            relationGetters(api, store),
        );
    } catch (error) {
        if (error === NOT_PLAIN) return null;
        throw error;
    }
    const key = (root.alias ?? root.name).value;
    return (variables, context) => {
        const { coerced } = getVariableValues(
            api.schema,
            operation.variableDefinitions,
            variables,
        );
        const call = { name: field.name, type: "Query", context, ...known };
        try {
            return {
                [key]: read(api.guard(call, getArgumentValues(field, root, coerced))),
            };
        } catch {
            return null; // reading again is harmless, and the long way says what is wrong
        }
    };
}
