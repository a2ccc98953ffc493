// Which events a subscription gets: those whose fields equal its arguments (owner, in v1
// and v2) and pass its filter argument (v2). Unlike in a table, a field that the mutation
// did not select is null here, and null is equal to null; ordered and text operators
// never hold for it.
import { OPERATORS } from "../data/condition.js";

function holds(operators, value) {
    return Object.entries(operators).every(([name, wanted]) =>
        OPERATORS[name](wanted)(value),
    );
}

function passes(filter, payload) {
    return Object.entries(filter).every(([name, value]) => {
        if (value === null || value === undefined) return true;
        if (name === "and") return value.every((part) => passes(part, payload));
        if (name === "or") {
            return value.length === 0 || value.some((part) => passes(part, payload));
        }
        return holds(value, payload[name] ?? null);
    });
}

export function matchesSubscription({ filter, ...equal }, payload) {
    if (filter && !passes(filter, payload)) return false;
    return Object.entries(equal).every(
        ([name, value]) =>
            value === null || value === undefined || payload[name] === value,
    );
}
