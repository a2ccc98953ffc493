// Who asks? API key, token (user pool, OIDC or Lambda), or a signature; the modes that
// have no key, token or credential here are off.
import { checkSignature, looksSigned } from "./sigv4.js";

export class Refused extends Error {
    constructor(status, errorType, message) {
        super(message);
        this.status = status;
        this.errorType = errorType;
    }
}

const refuse = (message) => new Refused(401, "UnauthorizedException", message);

// The claims of a JWT; any other token stands for a user of that name.
function claimsOf(token) {
    const [, payload] = token.split(".");
    try {
        const claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
        if (claims !== null && typeof claims === "object") return claims;
    } catch {
        // not a JWT
    }
    return { sub: token, username: token };
}

export class Auth {
    // settings: { apiKeys: [], tokens: [], iam: ["ACCESS:SECRET[:SESSION]"] }
    constructor(settings) {
        this.expiredTokens = new Set();
        this.change({ apiKeys: [], tokens: [], iam: [], ...settings });
    }

    // What is given replaces what was accepted so far; the rest stays.
    change({ apiKeys, tokens, iam }) {
        this.apiKeys = apiKeys ?? this.apiKeys;
        this.tokens = tokens ?? this.tokens;
        if (!iam) return;
        this.iam = new Map();
        for (const text of iam) {
            const [accessKeyId, secret, ...session] = text.split(":");
            const sessionToken = session.length > 0 ? session.join(":") : undefined;
            this.iam.set(accessKeyId, { secret, sessionToken });
        }
    }

    // A token that was good and no longer is; of iam the session token.
    expire(token) {
        this.tokens = this.tokens.filter((one) => one !== token);
        for (const [id, { sessionToken }] of this.iam) {
            if (sessionToken === token) this.iam.delete(id);
        }
        this.expiredTokens.add(token);
    }

    // Headers in lower case; path and body are what a signature covers. Gives { mode,
    // claims }.
    identify({ method = "POST", path, headers, body }) {
        const { authorization } = headers;
        if (looksSigned(authorization)) {
            const wrong = checkSignature({ method, path, headers, body }, this.iam, {
                expired: this.expiredTokens,
            });
            if (wrong) throw new Refused(403, wrong.type, wrong.message);
            return { mode: "iam", claims: {} };
        }
        if (authorization !== undefined) return this.#identifyToken(authorization);
        const key = headers["x-api-key"];
        if (key === undefined) throw refuse("Missing authorization header");
        if (!this.apiKeys.includes(key)) {
            throw refuse("You are not authorized to make this call.");
        }
        return { mode: "apiKey", claims: {} };
    }

    #identifyToken(authorization) {
        if (this.tokens.includes(authorization)) {
            return { mode: "token", claims: claimsOf(authorization) };
        }
        throw refuse(
            this.expiredTokens.has(authorization)
                ? "Token has expired."
                : "You are not authorized to make this call.",
        );
    }
}
