// What came in and what went out, for tests to ask about. Bounded: old entries fall out,
// long answers are kept as their length only.

const MAX_ENTRIES = 20000;
const MAX_BODY = 64 * 1024;

function parsed(text) {
    if (text === undefined) return undefined;
    if (text.length > MAX_BODY) return { bytes: Buffer.byteLength(text) };
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

const count = (counts, key) => {
    counts[key] = (counts[key] ?? 0) + 1;
};

export class Log {
    constructor() {
        this.seq = 0;
        this.start = Date.now();
        this.clear();
    }

    clear() {
        this.entries = [];
        this.counts = {
            http: 0,
            byOperation: {},
            byField: {},
            byStatus: {},
            faults: 0,
            frames: { in: 0, out: 0 },
            connections: 0,
        };
    }

    add(entry) {
        const whole = { seq: ++this.seq, at: Date.now() - this.start, ...entry };
        this.entries.push(whole);
        if (this.entries.length > MAX_ENTRIES) this.entries.splice(0, MAX_ENTRIES / 10);
        return whole;
    }

    request({ operation, fields, ...entry }) {
        this.counts.http++;
        count(this.counts.byOperation, operation ?? "invalid");
        for (const field of fields) count(this.counts.byField, field);
        return this.add({ kind: "http", operation, fields, ...entry });
    }

    answer(entry, { status, text, fault, packed }) {
        count(this.counts.byStatus, String(status));
        if (fault) this.counts.faults++;
        const short = text === undefined || text.length <= MAX_BODY ? text : undefined;
        const bytes = text === undefined ? undefined : Buffer.byteLength(text);
        const ms = Date.now() - this.start - entry.at;
        Object.assign(entry, { status, ms, bytes, packed, text: short, fault });
    }

    frame(direction, connection, text) {
        this.counts.frames[direction]++;
        this.add({ kind: "ws", event: direction, connection, text });
    }

    // Entries after `since`, parsed: kind http, ws or admin; operation and field of a
    // request.
    list({ since = 0, kind, operation, field }) {
        return this.entries
            .filter((entry) => entry.seq > since)
            .filter((entry) => !kind || entry.kind === kind)
            .filter((entry) => !operation || entry.operation === operation)
            .filter((entry) => !field || entry.fields?.includes(field))
            .map(({ text, body, ...entry }) => ({
                ...entry,
                body: parsed(body),
                [entry.kind === "ws" ? "frame" : "response"]: parsed(text),
            }));
    }
}
