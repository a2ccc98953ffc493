// Errors in the words of the service, which are those of graphql-java: clients look for
// some.
import { BREAK, Kind, getLocation, getNamedType, visit } from "graphql";
import { ServiceError } from "../errors.js";

function locationsOf(nodes) {
    const places = (nodes ?? []).flatMap((node) => (node.loc ? [node.loc] : []));
    return places.map((loc) => {
        const { line, column } = getLocation(loc.source, loc.start);
        return { line, column, sourceName: null };
    });
}

// The fields that lead to a node of a document, as in @ 'syncPosts/items/title'.
function trailTo(document, wanted) {
    let trail = [];
    visit(document, {
        enter(node, key, parent, path, ancestors) {
            if (node !== wanted) return undefined;
            const fields = [...ancestors, node].filter(({ kind }) => kind === Kind.FIELD);
            trail = fields.map(({ name }) => name.value);
            return BREAK;
        },
    });
    return trail.length > 0 ? ` @ '${trail.join("/")}'` : "";
}

const VALIDATION = [
    [
        /^Cannot query field "(\w+)" on type "(\w+)".*/s,
        "FieldUndefined: Field '$1' in type '$2' is undefined",
    ],
    [/^Unknown argument "(\w+)".*/s, "UnknownArgument: Unknown field argument $1"],
    [/^Unknown type "(\w+)".*/s, "UnknownType: Unknown type $1"],
    [
        /^Field "(\w+)" of type "\W*(\w+).*must have a selection.*/s,
        "SubSelectionRequired: Sub selection required for type $2 of field $1",
    ],
    [/^Variable "\$(\w+)" is not defined.*/s, "UndefinedVariable: Undefined variable $1"],
    [/^Variable "\$(\w+)" is never used.*/s, "UnusedVariable: Unused variable $1"],
    [
        /^Field "\w+" argument "(\w+)" of type .* is required.*/s,
        "MissingFieldArgument: Missing field argument $1",
    ],
];

export function validationError(error, document) {
    const known = VALIDATION.find(([pattern]) => pattern.test(error.message));
    const what = known
        ? error.message.replace(known[0], known[1]) + trailTo(document, error.nodes?.[0])
        : `InvalidSyntax: ${error.message}`;
    return {
        path: null,
        locations: locationsOf(error.nodes),
        message: `Validation error of type ${what}`,
    };
}

const UNKNOWN_FIELD = /^Field "(\w+)" is not defined by type "(\w+)"/;
const MISSING_FIELD = /^Field "(\w+)" of required type "(.+)" was not provided/;
const NULL_VALUE = /non-nullable type "(.+)" not to be null/;

// path leads from the variable to the value that cannot be used.
export function variableError(definition, path, { message }) {
    const steps = path.filter((step) => typeof step === "string");
    const name = steps.at(-1) ?? definition.variable.name.value;
    const said = (text) => ({
        path: null,
        locations: locationsOf([definition]),
        message: text,
    });
    const unknown = UNKNOWN_FIELD.exec(message);
    if (unknown) {
        return said(
            `The variables input contains a field name '${unknown[1]}' that is not ` +
                `defined for input object type '${unknown[2]}' `,
        );
    }
    const missing = MISSING_FIELD.exec(message) ?? NULL_VALUE.exec(message);
    if (missing) {
        const [field, type] =
            missing.length === 3 ? missing.slice(1) : [name, missing[1]];
        return said(
            `Variable '${field}' has coerced Null value for NonNull type '${type}'`,
        );
    }
    return said(`Variable '${name}' has an invalid value : ${message}`);
}

const pathText = (path) =>
    path.map((step) => (typeof step === "number" ? `[${step}]` : `/${step}`)).join("");

// The record that an error carries shows the fields that the mutation selected, as they
// are stored.
function selected(record, selectionSet) {
    if (record === null || !selectionSet) return record;
    const fields = selectionSet.selections.filter(({ kind }) => kind === Kind.FIELD);
    const pairs = fields.map(({ alias, name }) => [
        (alias ?? name).value,
        record[name.value] ?? null,
    ]);
    return Object.fromEntries(pairs);
}

// An error of executing a field: refused by a resolver, or a value that its type does not
// allow.
export function executionError(error, schema) {
    const path = error.path ?? null;
    const cause = error.originalError;
    if (cause instanceof ServiceError) {
        const { errorType, message } = cause;
        const data = selected(cause.data, error.nodes?.[0].selectionSet);
        const locations = locationsOf(error.nodes);
        return { path, data, errorType, errorInfo: null, locations, message };
    }
    const where = path ? ` (${pathText(path)})` : "";
    const missing = /^Cannot return null for non-nullable field (\w+)\.(\w+)/.exec(
        error.message,
    );
    if (!missing) {
        return {
            path,
            locations: null,
            message: `Can't serialize value${where} : ${error.message}`,
        };
    }
    const [, parent, field] = missing;
    const type = getNamedType(schema.getType(parent).getFields()[field].type).name;
    const what = `type: '${type}' within parent '${parent}'`;
    const message = `Cannot return null for non-nullable ${what}${where}`;
    return { path, locations: null, message };
}
