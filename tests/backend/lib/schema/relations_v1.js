// v1 @connection: which fields of which side hold the key of the other.
import { asList, directive } from "./sdl.js";
import { camel } from "./names.js";

function otherHalf(model, field, args, target) {
    return target.object.fields.find((other) => {
        if (target === model && other === field) return false;
        return directive(other, "connection")?.name === args.name;
    });
}

// The key form: `fields` are looked up in an index of the other model, or in its key.
function byFields(field, args, target) {
    const index = target.indexes.find((one) => one.name === args.keyName);
    const there = index?.fields ?? target.keys;
    const here = asList(args.fields);
    return { here, there: there.slice(0, here.length) };
}

// Named and unnamed forms: the key of one side is added to the other. A list's key stands
// on the other model and is indexed there; a single one's stands here.
function byAddedKey(model, field, args, target) {
    const half = args.name ? otherHalf(model, field, args, target) : undefined;
    const chosen = args.keyField ?? (half && directive(half, "connection").keyField);
    if (!field.type.list) {
        const key = chosen ?? camel(model.name, field.name, "id");
        return {
            here: [key],
            there: target.keys.slice(0, 1),
            add: {
                to: model,
                fields: [{ name: key, base: "ID" }],
                required: field.type.required,
            },
        };
    }
    const key =
        chosen ??
        (half
            ? camel(target.name, half.name, "id")
            : camel(model.name, field.name, "id"));
    return {
        here: model.keys.slice(0, 1),
        there: [key],
        add: {
            to: target,
            fields: [{ name: key, base: "ID" }],
            required: Boolean(half?.type.required),
        },
        index: {
            name: `gsi-${args.name ?? `${model.name}.${field.name}`}`,
            fields: [key, ...asList(args.sortField)],
        },
    };
}

export function relationV1(model, field, models) {
    const args = directive(field, "connection");
    const target = models.get(field.type.base);
    if (!args || !target) return null;
    return args.fields
        ? byFields(field, args, target)
        : byAddedKey(model, field, args, target);
}
