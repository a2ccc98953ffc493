#!/usr/bin/env node
// Starts the backend from the command line; see README.md. One line of JSON says that it
// is ready.
import fs from "node:fs";
import { parseArgs } from "node:util";
import { Backend, DEFAULT_API_KEY } from "./lib/backend.js";

const HELP = `node server.js --schema FILE [options]

  --schema FILE           SDL with @model types
  --transformer v1|v2     which Amplify the SDL is for (default: as its directives say)
  --no-primary-keys       v2 without respectPrimaryKeyAttributesOnConnectionField
  --port N                of the service (default: any; also --tls-port, --admin-port)
  --tls                   https and wss as well, with a certificate made at the start
  --http2                 HTTP/2 besides, with TLS, for who can
  --pack gzip|br          answers of 1000 bytes and more, for who can unpack them
  --api-key KEY           accepted API keys, tokens and credentials, each as often as you
  --token TOKEN           like; without any, the API key is ${DEFAULT_API_KEY}
  --iam ACCESS:SECRET[:SESSION]
  --conflict S            AUTOMERGE (default) or OPTIMISTIC_CONCURRENCY
  --merge-base B          version (default) or none: what AUTOMERGE knows of the past
  --max-limit N           records that a page visits at most (1000)
  --delta-ttl-ms N        how far back a delta sync reaches (1800000)
  --journal FILE          keep the data in a file, through restarts and kills
  --delay-ms N            before every answer
  --ka-ms N               between keep-alive frames (60000; 0: none)
  --until-eof             end when stdin does: so it cannot outlive the test that started it
`;

const text = { type: "string" };
const several = { type: "string", multiple: true };
const flag = { type: "boolean" };
const OPTIONS = {
    schema: text,
    transformer: text,
    "no-primary-keys": flag,
    port: text,
    "tls-port": text,
    "admin-port": text,
    tls: flag,
    http2: flag,
    pack: text,
    "api-key": several,
    token: several,
    iam: several,
    conflict: text,
    "merge-base": text,
    "max-limit": text,
    "delta-ttl-ms": text,
    journal: text,
    "delay-ms": text,
    "ka-ms": text,
    "until-eof": flag,
    help: flag,
};

function fail(message) {
    console.error(`backend: ${message}`);
    process.exit(2);
}

function readOptions() {
    try {
        return parseArgs({ options: OPTIONS }).values;
    } catch (error) {
        return fail(error.message);
    }
}

// Only what was given, so that defaults stay defaults.
function given(pairs) {
    return Object.fromEntries(
        Object.entries(pairs).filter(([, value]) => value !== undefined),
    );
}

function number(values, name) {
    if (values[name] === undefined) return undefined;
    if (!/^\d+$/.test(values[name])) {
        fail(`--${name} wants a number, not "${values[name]}"`);
    }
    return Number(values[name]);
}

function choice(values, name, ...allowed) {
    if (values[name] === undefined || allowed.includes(values[name])) return values[name];
    return fail(`--${name} is ${allowed.join(" or ")}, not "${values[name]}"`);
}

function backendOptions(values) {
    const { "api-key": apiKeys, token: tokens, iam } = values;
    const auth = apiKeys || tokens || iam;
    return given({
        transformer: choice(values, "transformer", "v1", "v2"),
        respectPrimaryKey: values["no-primary-keys"] ? false : undefined,
        port: number(values, "port"),
        tlsPort: number(values, "tls-port"),
        adminPort: number(values, "admin-port"),
        tls: values.tls,
        http2: values.http2,
        pack: choice(values, "pack", "gzip", "br"),
        journal: values.journal,
        delayMs: number(values, "delay-ms"),
        kaMs: number(values, "ka-ms"),
        auth: auth && { apiKeys: apiKeys ?? [], tokens: tokens ?? [], iam: iam ?? [] },
        store: given({
            conflict: choice(values, "conflict", "AUTOMERGE", "OPTIMISTIC_CONCURRENCY"),
            mergeBase: choice(values, "merge-base", "version", "none"),
            maxLimit: number(values, "max-limit"),
            deltaTtlMs: number(values, "delta-ttl-ms"),
        }),
    });
}

const values = readOptions();
if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
}
if (!values.schema) fail("--schema FILE is missing (--help tells more)");

let backend;
let ready;
try {
    backend = new Backend(fs.readFileSync(values.schema, "utf8"), backendOptions(values));
    ready = await backend.start();
} catch (error) {
    fail(error.message);
}
process.stdout.write(`${JSON.stringify(ready)}\n`);

function end() {
    backend.stop();
    process.exit(0);
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);
if (values["until-eof"]) process.stdin.on("end", end).resume();
