// Primary key and secondary indexes of a model, as v1 (@key) and v2 (@primaryKey, @index)
// declare them.
import { asList, directive } from "./sdl.js";
import { cap, low } from "./names.js";
import { plural } from "./plural.js";

function keysV1(object) {
    const keys = object.directives.filter((one) => one.name === "key");
    const primary = keys.find((key) => !key.args.name);
    const indexes = keys
        .filter((key) => key.args.name)
        .map((key) => ({ name: key.args.name, fields: asList(key.args.fields) }));
    return { primary: primary && asList(primary.args.fields), indexes };
}

function keysV2(object) {
    let primary;
    const indexes = [];
    for (const field of object.fields) {
        for (const { name, args } of field.directives) {
            const fields = [field.name, ...asList(args.sortKeyFields)];
            if (name === "primaryKey") primary = fields;
            if (name !== "index") continue;
            const suffix = fields.map(cap).join("And");
            indexes.push({
                name: args.name ?? `${low(plural(object.name))}By${suffix}`,
                fields,
            });
        }
    }
    return { primary, indexes };
}

// { keys: names of the key's fields, declared: the schema says so, indexes: [{ name,
// fields }] }
export function readKeys(object, version) {
    const { primary, indexes } = version === "v1" ? keysV1(object) : keysV2(object);
    return { keys: primary ?? ["id"], declared: Boolean(primary), indexes };
}

export const isModel = (object) => directive(object, "model") !== null;
