// The DataStore client of Amplify, told what to do: a line of JSON in, {"do":"save",…}, a line of JSON out.
// What it says of itself goes to standard error.
//
//   node client.js '{"url":…,"realtimeUrl":…,"apiKey":…,"schema":{…}}'
//
// schema is what datastore_introspect() returns, which has the shape of Amplify's own generated models.

import { createRequire } from 'node:module';
import readline from 'node:readline';

const require = createRequire(import.meta.url);
const settings = JSON.parse(process.argv[2]);

for (const name of ['log', 'info', 'warn', 'debug']) console[name] = console.error;

// The client expects a browser's window, also where there is none, and takes a WebSocket with TLS for granted.
globalThis.window = Object.assign(new EventTarget(), { navigator: { onLine: true } });
const WebSocket = require('ws');
globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
        const query = new URL(String(url)).search;
        super(settings.realtimeUrl + query, protocols);
    }
};

const { Amplify, Hub } = require('@aws-amplify/core');
const { DataStore, initSchema } = require('@aws-amplify/datastore');

// The version that its check of generated models wants to see.
settings.schema = { version: '1', codegenVersion: '3.4.4', ...settings.schema };
// As in a browser: what goes wrong in the background ends nothing.
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, console.error);

const models = initSchema(settings.schema);
Amplify.configure({
    API: {
        GraphQL: {
            endpoint: settings.url,
            region: 'us-east-1',
            defaultAuthMode: 'apiKey',
            apiKey: settings.apiKey,
        },
    },
});
// Changes that it has given up: it keeps them to itself, until something overwrites them.
const dropped = new Set();
DataStore.configure({
    errorHandler: (error) => {
        if (error.localModel?.id) dropped.add(error.localModel.id);
        console.error('error', error.model, error.operation, error.message);
    },
    conflictHandler: ({ remoteModel }) => remoteModel,
});

const state = { ready: false, isEmpty: true };
Hub.listen('datastore', ({ payload: { event, data } }) => {
    if (event === 'ready') state.ready = true;
    if (event === 'outboxMutationEnqueued') state.isEmpty = false;
    if (event === 'outboxStatus') state.isEmpty = data.isEmpty;
});

// A relation is given by the key of the other record.
async function valuesOf(model, values) {
    const out = {};
    for (const [name, value] of Object.entries(values)) {
        const target = settings.schema.models[model].fields[name]?.type?.model;
        const isKey = target !== undefined && typeof value === 'string';
        out[name] = isKey ? await DataStore.query(models[target], value) : value;
    }
    return out;
}

async function one(model, id) {
    const found = await DataStore.query(models[model], id);
    if (!found) throw new Error(`no ${model} ${id}`);
    return found;
}

const commands = {
    start: () => DataStore.start().then(() => null),
    state: async () => ({ ...state, dropped: [...dropped] }),
    create: async ({ model, values }) =>
        (await DataStore.save(new models[model](await valuesOf(model, values)))).id,
    update: async ({ model, id, values }) => {
        const next = await valuesOf(model, values);
        const before = await one(model, id);
        await DataStore.save(models[model].copyOf(before, (draft) => Object.assign(draft, next)));
    },
    remove: async ({ model, id }) => {
        await DataStore.delete(await one(model, id));
    },
    records: async ({ model }) => JSON.parse(JSON.stringify(await DataStore.query(models[model]))),
    network: async ({ isOnline }) => {
        window.navigator.onLine = isOnline;
        window.dispatchEvent(new Event(isOnline ? 'online' : 'offline'));
    },
};

async function answer(line) {
    const command = JSON.parse(line);
    try {
        return { value: (await commands[command.do](command)) ?? null };
    } catch (error) {
        return { error: String(error?.message ?? error) };
    }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(line)) + '\n');
}
process.exit(0);
