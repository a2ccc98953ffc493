import assert from "node:assert/strict";
import test from "node:test";
import { automerge } from "../lib/data/merge.js";

// The examples of AWS's documentation on conflict resolution (lists where it has lists).
test("AUTOMERGE: scalars stay the server's, new fields are added, lists joined", () => {
    const one = automerge(
        null,
        { name: "Nadia", jersey: 5 },
        { name: "Nadia", jersey: 55 },
    );
    assert.deepEqual(one, { name: "Nadia", jersey: 5 });
    const two = automerge(null, one, { name: "Shaggy", jersey: 5, points: [24, 30, 27] });
    assert.deepEqual(two, { name: "Nadia", jersey: 5, points: [24, 30, 27] });
    const three = automerge(null, two, { points: [30, 35] });
    assert.deepEqual(three.points, [24, 30, 27, 30, 35]);
});

test("AUTOMERGE: maps are merged key by key", () => {
    const server = { jersey: 5, stats: { ppg: "35.4", apg: "6.3" } };
    const merged = automerge(null, server, { stats: { ppg: "25.7", rpg: "6.9" } });
    assert.deepEqual(merged, {
        jersey: 5,
        stats: { ppg: "35.4", apg: "6.3", rpg: "6.9" },
    });
});

test("AUTOMERGE with a known base: what the server did not change is taken", () => {
    const base = { title: "a", rating: 1, tags: ["x"], meta: { a: 1, b: 1 } };
    const server = { title: "b", rating: 1, tags: ["x"], meta: { a: 2, b: 1 } };
    const changes = { title: "c", rating: 2, tags: [], meta: { a: 3, b: 3 }, url: "new" };
    assert.deepEqual(automerge(base, server, changes), {
        title: "b",
        rating: 2,
        tags: [],
        meta: { a: 2, b: 3 },
        url: "new",
    });
});

test("AUTOMERGE: a field is removed only if the server did not change it", () => {
    const base = { title: "a", rating: 1 };
    const server = { title: "b", rating: 1 };
    const changes = { title: undefined, rating: undefined };
    assert.deepEqual(automerge(base, server, changes), { title: "b" });
});
