import assert from "node:assert/strict";
import test from "node:test";
import { compile } from "../lib/data/condition.js";
import { matchesSubscription } from "../lib/graphql/subscription_filter.js";

const RECORD = {
    id: "1",
    title: "Été",
    rating: 5,
    tags: ["a", "b"],
    none: null,
    on: false,
};

// [filter, does it hold for RECORD?]
const CASES = [
    [null, true],
    [{}, true],
    [{ rating: { eq: 5 } }, true],
    [{ rating: { ne: 5 } }, false],
    [{ rating: { gt: 4, lt: 5 } }, false],
    [{ rating: { between: [5, 6] } }, true],
    [{ rating: { eq: "5" } }, false],
    [{ rating: { gt: "4" } }, false],
    [{ title: { beginsWith: "É" } }, true],
    [{ title: { contains: "t" } }, true],
    [{ title: { notContains: "t" } }, false],
    [{ title: { gt: "z" } }, true], // by bytes: é comes after z
    [{ title: { size: { eq: 3 } } }, true],
    [{ title: { attributeType: "string" } }, true],
    [{ tags: { contains: "a" } }, true],
    [{ tags: { eq: "a" } }, false],
    [{ tags: { size: { ge: 3 } } }, false],
    [{ on: { eq: false } }, true],
    // A missing attribute: unequal to everything, without order, contains nothing.
    [{ gone: { ne: 1 } }, true],
    [{ gone: { eq: 1 } }, false],
    [{ gone: { lt: 1 } }, false],
    [{ gone: { ge: 1 } }, false],
    [{ gone: { notContains: "x" } }, true],
    [{ gone: { attributeExists: false } }, true],
    [{ gone: { attributeType: "_null" } }, false],
    // One that was stored as null: the same, but it exists.
    [{ none: { ne: 1 } }, true],
    [{ none: { lt: 1 } }, false],
    [{ none: { attributeExists: true } }, true],
    [{ none: { attributeType: "_null" } }, true],
    [{ and: [] }, true],
    [{ or: [] }, true],
    [{ or: [{ rating: { eq: 1 } }, { rating: { eq: 5 } }] }, true],
    [{ and: [{ rating: { gt: 1 } }, { rating: { gt: 9 } }] }, false],
    [{ not: { rating: { eq: 1 } } }, true],
    [{ not: { gone: { eq: 1 } } }, true],
    [{ rating: { gt: 1 }, not: { title: { beginsWith: "É" } } }, false],
];

test("filters hold as DynamoDB decides", () => {
    for (const [filter, holds] of CASES) {
        assert.equal(compile(filter)(RECORD), holds, JSON.stringify(filter));
    }
});

test("subscriptions: arguments are equal, the filter passes, null is a value", () => {
    const payload = { rating: 5, owner: "me", title: null };
    const cases = [
        [{}, true],
        [{ owner: null }, true],
        [{ owner: "me" }, true],
        [{ owner: "you" }, false],
        [{ filter: { rating: { in: [1, 5] } } }, true],
        [{ filter: { rating: { notIn: [1, 5] } } }, false],
        [{ filter: { title: { ne: "x" } } }, true],
        [{ filter: { gone: { ne: "x" } } }, true],
        [{ filter: { title: { beginsWith: "" } } }, false],
        [
            { filter: { and: [{ rating: { ge: 5 } }, { title: { contains: "x" } }] } },
            false,
        ],
        [{ filter: { or: [{ rating: { ge: 5 } }, { title: { contains: "x" } }] } }, true],
        [{ filter: { rating: { gt: 9 } }, owner: "me" }, false],
    ];
    for (const [args, matches] of cases) {
        assert.equal(matchesSubscription(args, payload), matches, JSON.stringify(args));
    }
});
