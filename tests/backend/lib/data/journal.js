// The data in a file: one JSON line for each change, read back at the next start. A line
// that a kill has cut short is passed over.
import fs from "node:fs";

function replay(store, entry) {
    if (entry.clear) return store.clear();
    const table = store.tables.get(entry.model);
    if (!table) return undefined; // a model that the schema no longer has
    return entry.drop === undefined
        ? store.put(table, entry.record)
        : table.drop(entry.drop);
}

function parseLine(line) {
    try {
        return JSON.parse(line);
    } catch {
        return null;
    }
}

export function openJournal(store, file) {
    const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    for (const line of text.split("\n")) {
        const entry = parseLine(line);
        if (entry) replay(store, entry);
    }
    const fd = fs.openSync(file, "a");
    // A torn last line must not swallow the next entry.
    if (text !== "" && !text.endsWith("\n")) fs.writeSync(fd, "\n");
    store.journal = {
        write: (entry) => fs.writeSync(fd, `${JSON.stringify(entry)}\n`),
        close: () => fs.closeSync(fd),
    };
}
