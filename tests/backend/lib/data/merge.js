// AUTOMERGE: what becomes of an update that names an older version. A field that the
// server changed since keeps the server's value, lists are joined, maps are merged by the
// same rules.

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const isMap = (value) =>
    value !== null && typeof value === "object" && !Array.isArray(value);

// base: the value that the client started from, or undefined when that is unknown; then
// only a missing or null value counts as unchanged.
function mergeValue(hasBase, base, current, wanted) {
    if (same(current, wanted)) return current;
    if (hasBase ? same(base, current) : current === undefined || current === null) {
        return wanted;
    }
    if (Array.isArray(current) && Array.isArray(wanted)) return [...current, ...wanted];
    if (!isMap(current) || !isMap(wanted)) return current;
    const result = { ...current };
    for (const [name, value] of Object.entries(wanted)) {
        const known = hasBase && isMap(base);
        result[name] = mergeValue(
            known,
            known ? base[name] : undefined,
            current[name],
            value,
        );
    }
    return result;
}

// The record that results; changes holds a value for each field that the client sent,
// undefined for one that it removes. base is the record that the client knew, or null.
export function automerge(base, current, changes) {
    const result = { ...current };
    for (const [name, wanted] of Object.entries(changes)) {
        result[name] = mergeValue(base !== null, base?.[name], current[name], wanted);
        if (result[name] === undefined) delete result[name];
    }
    return result;
}
