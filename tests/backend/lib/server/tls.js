// A certificate of our own for loopback, made anew at each start; it is its own
// authority.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export function makeCertificate() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "datastore-backend-"));
    const key = path.join(folder, "key.pem");
    const ca = path.join(folder, "ca.pem");
    const request = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
    ];
    const names = "subjectAltName=DNS:localhost,IP:127.0.0.1,DNS:api.test";
    const about = ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", names];
    execFileSync("openssl", [...request, ...about, "-keyout", key, "-out", ca], {
        stdio: ["ignore", "ignore", "pipe"],
    });
    return {
        ca,
        options: { key: fs.readFileSync(key), cert: fs.readFileSync(ca) },
        remove: () => fs.rmSync(folder, { recursive: true, force: true }),
    };
}
