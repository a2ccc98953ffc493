// Made-up records in bulk, written without an event, as if they had long been there.

// A value for a field of the i-th record; undefined leaves it out.
function valueFor(field, at, number, enums) {
    const { base, list, required } = field.type;
    if (list) return required ? [] : undefined;
    if (enums.has(base)) return enums.get(base)[at % enums.get(base).length];
    switch (base) {
        case "String":
            return `${field.name} ${number}`;
        case "ID":
            return required ? `${field.name}-${number}` : undefined;
        case "Int":
            return at % 100;
        case "Float":
            return at / 4;
        case "Boolean":
            return at % 2 === 0;
        case "AWSDate":
            return "2024-02-29";
        case "AWSDateTime":
            return "2024-02-29T12:00:00.000Z";
        case "AWSTimestamp":
            return 1700000000 + at;
        default:
            return undefined;
    }
}

// { model, items: [...] }, or { model, count, from, prefix, template } where "{i}" in a
// text of the template is the record's number.
export function seed(
    store,
    catalog,
    { model: name, items, count = 1, from = 0, prefix, template },
) {
    const model = catalog.models.get(name);
    if (!model) throw new Error(`no such model: ${name}`);
    const now = new Date().toISOString();
    const stamps = model.timestamps
        .filter(({ filled }) => filled)
        .map((one) => [one.name, now]);
    const filled = Object.fromEntries(stamps);
    if (items) {
        store.seed(
            name,
            items.map((item) => ({ ...filled, ...item })),
        );
        return items.length;
    }
    const made = [];
    for (let at = from; at < from + count; at++) {
        const number = String(at).padStart(7, "0");
        const record = {};
        for (const field of model.fields) {
            const value = valueFor(field, at, number, catalog.enums);
            if (value !== undefined) record[field.name] = value;
        }
        if (model.keys[0] === "id") {
            record.id = `${prefix ?? `${name.toLowerCase()}-`}${number}`;
        }
        for (const [key, value] of Object.entries(template ?? {})) {
            record[key] =
                typeof value === "string" ? value.replaceAll("{i}", number) : value;
        }
        made.push({ ...record, ...filled });
    }
    store.seed(name, made);
    return made.length;
}
