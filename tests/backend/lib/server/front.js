// The ports: the service on one, with TLS on another, the admin calls on a third that
// stays up while the service is offline. All on loopback only.
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { GRAPHQL_PATH } from "./endpoint.js";
import { Reply, hardReset } from "./reply.js";
import { makeCertificate } from "./tls.js";

const HOST = "127.0.0.1";
export const REALTIME_PATH = `${GRAPHQL_PATH}/realtime`;

function listen(server, port) {
    return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, HOST, () => resolve(server.address().port));
    });
}

export class Front {
    constructor({ endpoint, realtime, admin, options }) {
        Object.assign(this, { endpoint, realtime, admin, options });
        this.offline = false;
        this.sockets = new Set();
    }

    #serve(server) {
        server.on("connection", (socket) => {
            if (this.offline) hardReset(socket);
            else this.sockets.add(socket);
            socket.on("close", () => this.sockets.delete(socket));
            socket.on("error", () => socket.destroy());
        });
        server.on("request", (request, response) => this.#request(request, response));
        server.on("upgrade", (request, socket, head) => {
            if (new URL(request.url, "http://localhost").pathname === REALTIME_PATH) {
                this.realtime.upgrade(request, socket, head);
            } else {
                socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
            }
        });
        server.keepAliveTimeout = 65000;
        server.requestTimeout = 0;
        return server;
    }

    async #request(request, response) {
        try {
            const { pathname } = new URL(request.url, "http://localhost");
            if (pathname === GRAPHQL_PATH && request.method === "POST") {
                await this.endpoint.handle(request, response);
            } else {
                const errors = [{ errorType: "NotFound", message: "not found" }];
                new Reply(response).json(404, { errors });
            }
        } catch (error) {
            // A client that has gone away is no fault of ours; anything else is one to be
            // seen.
            if (request.destroyed) return;
            console.error(error);
            const errors = [{ errorType: "InternalFailure", message: String(error) }];
            if (!response.headersSent) new Reply(response).json(500, { errors });
        }
    }

    #makeSecure({ options }) {
        return this.options.http2
            ? http2.createSecureServer({ ...options, allowHTTP1: true })
            : https.createServer(options);
    }

    // Gives the addresses, as the line on stdout has them.
    async start() {
        const { port, tlsPort, adminPort, tls } = this.options;
        this.plain = this.#serve(http.createServer());
        const result = this.#addresses("http", "ws", await listen(this.plain, port));
        if (tls) {
            this.certificate = makeCertificate();
            this.secure = this.#serve(this.#makeSecure(this.certificate));
            const secure = this.#addresses(
                "https",
                "wss",
                await listen(this.secure, tlsPort),
            );
            result.tls = { ...secure, ca: this.certificate.ca };
        }
        this.adminServer = http.createServer((request, response) =>
            this.admin.handle(request, new Reply(response)),
        );
        const at = await listen(this.adminServer, adminPort);
        return { ...result, adminPort: at, admin: `http://${HOST}:${at}/` };
    }

    #addresses(scheme, realtimeScheme, port) {
        const base = `://${HOST}:${port}`;
        return {
            port,
            url: `${scheme}${base}${GRAPHQL_PATH}`,
            realtimeUrl: `${realtimeScheme}${base}${REALTIME_PATH}`,
        };
    }

    // Off: every connection is reset, also new ones.
    setOffline(offline) {
        this.offline = offline;
        if (offline) this.sockets.forEach(hardReset);
    }

    stop() {
        for (const server of [this.plain, this.secure, this.adminServer]) {
            server?.close();
            server?.closeAllConnections?.();
        }
        this.sockets.forEach((socket) => socket.destroy());
        this.certificate?.remove();
    }
}
