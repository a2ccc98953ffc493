// Reads an Amplify schema into plain objects: object types and enums with their fields
// and directives, extensions merged in. It takes the schema to be one that Amplify
// accepts; what is not needed to make an API of it (inputs, unions, custom scalars, root
// types) is passed over.
import { Kind, parse, valueFromASTUntyped } from "graphql";

// { base, list, required, itemRequired, text }: text is the type as SDL writes it.
function readType(node) {
    let inner = node;
    let list = false;
    while (inner.kind !== Kind.NAMED_TYPE) {
        list ||= inner.kind === Kind.LIST_TYPE;
        inner = inner.type;
    }
    const core = node.kind === Kind.NON_NULL_TYPE ? node.type : node;
    return {
        base: inner.name.value,
        list,
        required: node.kind === Kind.NON_NULL_TYPE,
        itemRequired:
            core.kind === Kind.LIST_TYPE && core.type.kind === Kind.NON_NULL_TYPE,
        text: typeText(node),
    };
}

function typeText(node) {
    if (node.kind === Kind.NON_NULL_TYPE) return `${typeText(node.type)}!`;
    if (node.kind === Kind.LIST_TYPE) return `[${typeText(node.type)}]`;
    return node.name.value;
}

// A type as SDL would write it: scalarType("ID", true) is ID!.
export function scalarType(base, required = false) {
    return {
        base,
        list: false,
        required,
        itemRequired: false,
        text: required ? `${base}!` : base,
    };
}

function readDirectives(nodes) {
    return (nodes ?? []).map((node) => ({
        name: node.name.value,
        args: Object.fromEntries(
            node.arguments.map((arg) => [arg.name.value, valueFromASTUntyped(arg.value)]),
        ),
    }));
}

function readField(node) {
    return {
        name: node.name.value,
        type: readType(node.type),
        directives: readDirectives(node.directives),
    };
}

export function readSdl(text) {
    const objects = new Map();
    const enums = new Map();
    const roots = { query: "Query", mutation: "Mutation", subscription: "Subscription" };
    for (const node of parse(text).definitions) {
        const name = node.name?.value;
        switch (node.kind) {
            case Kind.SCHEMA_DEFINITION:
                for (const type of node.operationTypes) {
                    roots[type.operation] = type.type.name.value;
                }
                break;
            case Kind.OBJECT_TYPE_DEFINITION:
            case Kind.OBJECT_TYPE_EXTENSION: {
                const type = objects.get(name) ?? { name, fields: [], directives: [] };
                type.fields.push(...(node.fields ?? []).map(readField));
                type.directives.push(...readDirectives(node.directives));
                objects.set(name, type);
                break;
            }
            case Kind.ENUM_TYPE_DEFINITION:
            case Kind.ENUM_TYPE_EXTENSION: {
                const values = (node.values ?? []).map((value) => value.name.value);
                enums.set(name, [...(enums.get(name) ?? []), ...values]);
                break;
            }
            default:
        }
    }
    for (const root of Object.values(roots)) objects.delete(root);
    return { objects, enums };
}

// The arguments of the first directive of that name on a type or field, or null.
export function directive(of, name) {
    return of.directives.find((one) => one.name === name)?.args ?? null;
}

// GraphQL takes a single value where a list is declared.
export function asList(value) {
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? value : [value];
}
