// The schema of the API that Amplify's transformer makes of a catalog, as SDL, with
// conflict detection on. Left out is what a DataStore client never uses: queries of named
// indexes, sort key conditions of list queries, @searchable and the like.
import { cap } from "./names.js";
import { enumInputs, modelFilters, sharedInputs } from "./inputs.js";
import { subscriptionArguments } from "./auth_rules.js";
import { SCALARS } from "./scalars.js";

// A type without fields has no block.
const block = (head, lines) =>
    lines.length > 0 ? `${head} {\n    ${lines.join("\n    ")}\n}` : head;

const nullable = (type) => type.text.replace(/!$/, "");

function outputType(model, catalog) {
    const added = model.fields.filter((field) => !field.hidden);
    const lines = added.map((field) => `${field.name}: ${field.type.text}`);
    for (const relation of model.relations) {
        lines.push(
            relation.type.list
                ? `${relation.name}(filter: ${relation.target.inputs.filter}, ` +
                      "sortDirection: ModelSortDirection, limit: Int, " +
                      `nextToken: String): ${relation.target.inputs.connection}`
                : `${relation.name}: ${relation.type.text}`,
        );
    }
    // A field of a model type without a relation stays in the output, and is always null.
    for (const field of model.object.fields) {
        const known = model.relations.some((relation) => relation.name === field.name);
        if (catalog.models.has(field.type.base) && !known) {
            lines.push(`${field.name}: ${field.type.text}`);
        }
    }
    for (const stamp of model.timestamps) {
        if (!stamp.declared) lines.push(`${stamp.name}: AWSDateTime!`);
    }
    for (const owner of model.owners) {
        if (!owner.declared) lines.push(`${owner.name}: String`);
    }
    lines.push("_version: Int!", "_deleted: Boolean", "_lastChangedAt: AWSTimestamp!");
    return block(`type ${model.name}`, lines);
}

function inputType(type, catalog) {
    if (!catalog.embedded.has(type.base)) return type.text;
    return type.text.replace(type.base, `${cap(type.base)}Input`);
}

// The server fills these when a client does not.
function isFilled(model, field, version) {
    const stamp = model.timestamps.find((one) => one.name === field.name);
    if (stamp?.filled) return true;
    if (field.name !== "id") return false;
    return field.type.base === "ID" || (version === "v2" && field.type.base === "String");
}

function mutationInputs(model, catalog) {
    const { create, update, delete: remove } = model.inputs;
    const line = (field, type) => `${field.name}: ${type}`;
    const onCreate = model.fields.map((field) => {
        const type = inputType(field.type, catalog);
        return line(
            field,
            isFilled(model, field, catalog.version) ? type.replace(/!$/, "") : type,
        );
    });
    const onUpdate = model.fields.map((field) => {
        const type = inputType(field.type, catalog);
        const isKey = model.keys.includes(field.name);
        return line(field, isKey ? `${type.replace(/!$/, "")}!` : type.replace(/!$/, ""));
    });
    return [
        block(`input ${create}`, [...onCreate, "_version: Int"]),
        block(`input ${update}`, [...onUpdate, "_version: Int"]),
        block(`input ${remove}`, [...keyArguments(model), "_version: Int"]),
    ];
}

// id: ID! or the fields of the declared key; also the arguments of get.
function keyArguments(model) {
    return model.keys.map((key) => {
        const field = model.fields.find((one) => one.name === key);
        const type = model.declaredKey ? nullable(field.type) : "ID";
        return `${key}: ${type}!`;
    });
}

function queryFields({ name, operations, inputs, ...model }) {
    const page = `filter: ${inputs.filter}, limit: Int, nextToken: String`;
    const result = [];
    if (operations.get) {
        result.push(`${operations.get}(${keyArguments(model).join(", ")}): ${name}`);
    }
    if (operations.list) result.push(`${operations.list}(${page}): ${inputs.connection}`);
    if (operations.sync) {
        result.push(
            `${operations.sync}(${page}, lastSync: AWSTimestamp): ${inputs.connection}`,
        );
    }
    return result;
}

const VERBS = ["create", "update", "delete"];

function mutationFields({ name, operations, inputs }) {
    return VERBS.filter((verb) => operations[verb]).map((verb) => {
        const args = `input: ${inputs[verb]}!, condition: ${inputs.condition}`;
        return `${operations[verb]}(${args}): ${name}`;
    });
}

function subscriptionFields(model, version) {
    const filter = version === "v2" ? [`filter: ${model.inputs.subscriptionFilter}`] : [];
    const args = [...filter, ...subscriptionArguments(model, version)].join(", ");
    return VERBS.flatMap((verb) => model.operations[`on${cap(verb)}`]).map(
        (name) => `${name}${args ? `(${args})` : ""}: ${model.name}`,
    );
}

function embeddedTypes(object, catalog) {
    const written = object.fields.filter((field) => !catalog.models.has(field.type.base));
    const output = object.fields.map((field) => `${field.name}: ${field.type.text}`);
    const input = written.map(
        (field) => `${field.name}: ${inputType(field.type, catalog)}`,
    );
    return [
        block(`type ${object.name}`, output),
        block(`input ${cap(object.name)}Input`, input),
    ];
}

const isSynced = (model, catalog) =>
    catalog.version === "v1" || Boolean(model.operations.sync);

export function printApi(catalog) {
    const models = [...catalog.models.values()];
    const parts = [
        ...Object.keys(SCALARS).map((name) => `scalar ${name}`),
        ...[...catalog.enums].map(([name, values]) => block(`enum ${name}`, values)),
        ...[...catalog.embedded.values()].flatMap((object) =>
            embeddedTypes(object, catalog),
        ),
        ...sharedInputs(catalog.version),
        ...enumInputs(catalog),
    ];
    for (const model of models) {
        parts.push(
            outputType(model, catalog),
            block(`type ${model.inputs.connection}`, [
                `items: [${model.name}]!`,
                "nextToken: String",
                ...(isSynced(model, catalog) ? ["startedAt: AWSTimestamp"] : []),
            ]),
            ...modelFilters(model, catalog),
            ...mutationInputs(model, catalog),
        );
    }
    const roots = {
        Query: models.flatMap(queryFields),
        Mutation: models.flatMap(mutationFields),
        Subscription: models.flatMap((model) =>
            subscriptionFields(model, catalog.version),
        ),
    };
    for (const [name, fields] of Object.entries(roots)) {
        if (fields.length > 0) parts.push(block(`type ${name}`, fields));
    }
    return parts.join("\n\n") + "\n";
}
