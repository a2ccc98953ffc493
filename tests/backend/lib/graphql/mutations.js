// What Amplify's resolvers do with the input of a mutation before the table gets it, and
// what DynamoDB refuses of the result.
import { randomUUID } from "node:crypto";
import { ServiceError, dynamoError } from "../errors.js";

const MAX_ITEM_BYTES = 400 * 1024;
const NUMBERS = ["Int", "Float", "AWSTimestamp"];

// The attributes that make up an index: Amplify joins two and more sort keys to one
// attribute.
function indexAttributes(index) {
    return index.fields.length > 2 ? index.fields.slice(0, 1) : index.fields;
}

function checkCompositeIndexes(model, version, values, verb) {
    const mark = version === "v1" ? "@key" : "@index";
    for (const { name, fields } of model.namedIndexes) {
        const sort = fields.slice(1);
        if (sort.length < 2 || !sort.some((field) => field in values)) continue;
        const missing = sort.find((field) => !(field in values));
        if (!missing) continue;
        throw new ServiceError(
            null,
            `When ${verb} any part of the composite sort key for ${mark} '${name}', ` +
                `you must provide all fields for the key. Missing key: '${missing}'.`,
        );
    }
}

function nullInIndex(model, index, attribute) {
    const field = model.fields.find(({ name }) => name === attribute);
    const expected = NUMBERS.includes(field?.type.base) ? "N" : "S";
    return dynamoError(
        "One or more parameter values were invalid: Type mismatch for Index Key " +
            `${attribute} Expected: ${expected} Actual: NULL IndexName: ${index.name}`,
    );
}

function emptyInIndex(index, attribute) {
    return dynamoError(
        "One or more parameter values are not valid. A value specified for a secondary " +
            "index key is not supported. The AttributeValue for a key attribute cannot " +
            "contain an empty string value. " +
            `IndexName: ${index.name}, IndexKey: ${attribute}`,
    );
}

// v2 leaves a null partition key of a named index out, so that the item is not in the
// index. Any other null in an index key, also in one that a relation added, DynamoDB
// refuses.
function checkIndexKeys(model, version, values) {
    for (const index of model.indexes) {
        const named = model.namedIndexes.includes(index);
        for (const attribute of indexAttributes(index)) {
            const value = values[attribute];
            const dropped = version === "v2" && named && attribute === index.fields[0];
            if (value === "") throw emptyInIndex(index, attribute);
            if (value === null && !dropped) throw nullInIndex(model, index, attribute);
            if (value === null) delete values[attribute];
        }
    }
}

function checkItem(model, values) {
    for (const key of model.keys) {
        if (values[key] !== "") continue;
        throw dynamoError(
            "One or more parameter values are not valid. The AttributeValue for a key " +
                `attribute cannot contain an empty string value. Key: ${key}`,
        );
    }
    if (Buffer.byteLength(JSON.stringify(values)) > MAX_ITEM_BYTES) {
        throw dynamoError("Item size has exceeded the maximum allowed size");
    }
}

function defaultValues(model, kinds) {
    const now = new Date().toISOString();
    const stamps = model.timestamps.filter(
        ({ kind, filled }) => filled && kinds.includes(kind),
    );
    return Object.fromEntries(stamps.map(({ name }) => [name, now]));
}

// v1 fills what is null, v2 only what is absent.
function withDefaults(version, defaults, input) {
    const values = { ...defaults, ...input };
    if (version === "v2") return values;
    for (const [name, value] of Object.entries(defaults)) values[name] ??= value;
    return values;
}

export function create(store, model, version, { input, condition }) {
    const table = store.table(model.name);
    const defaults = defaultValues(model, ["createdAt", "updatedAt"]);
    if (model.fields.some(({ name }) => name === "id")) defaults.id = randomUUID();
    const { _version, ...values } = withDefaults(version, defaults, input);
    checkCompositeIndexes(model, version, values, "creating");
    checkIndexKeys(model, version, values);
    checkItem(model, values);
    return store.create(table, values, condition);
}

function checkNoNulls(model, version, input) {
    if (version === "v2") return;
    const fields = model.fields.filter(({ added, type }) => !added && type.required);
    if (!fields.some(({ name }) => input[name] === null)) return;
    throw new ServiceError(
        null,
        "An argument you marked as Non-Null is set to Null in the query or the body of " +
            "your request.",
    );
}

export function update(store, model, version, { input, condition }) {
    const table = store.table(model.name);
    const { _version, ...values } = withDefaults(
        version,
        defaultValues(model, ["updatedAt"]),
        input,
    );
    checkCompositeIndexes(model, version, values, "updating");
    checkNoNulls(model, version, input);
    const key = table.keyOf(values);
    const changes = {};
    for (const [name, value] of Object.entries(values)) {
        if (!model.keys.includes(name)) {
            changes[name] = value === null ? undefined : value;
        }
    }
    checkIndexKeys(model, version, { ...changes });
    checkItem(model, values);
    return store.update(table, key, changes, _version ?? 0, condition);
}

export function remove(store, model, version, { input, condition }) {
    const table = store.table(model.name);
    return store.remove(table, table.keyOf(input), input._version ?? 0, condition);
}
