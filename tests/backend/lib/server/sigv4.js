// Checks AWS Signature Version 4 as AppSync does: service appsync, the signed headers as
// the client names them, the hash of the body as it came.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const MAX_AGE_MS = 15 * 60 * 1000;

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

// AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b,
// Signature=x
function parseAuthorization(text) {
    const parts = (text ?? "").replace(/^AWS4-HMAC-SHA256 /, "").split(/, ?/);
    const fields = Object.fromEntries(parts.map((part) => part.split("=")));
    const {
        Credential = "",
        SignedHeaders: signedHeaders,
        Signature: signature,
    } = fields;
    const [accessKeyId, date, region, service, end] = Credential.split("/");
    const whole =
        end === "aws4_request" && signedHeaders && /^[0-9a-f]{64}$/.test(signature);
    return whole
        ? { accessKeyId, date, region, service, signedHeaders, signature }
        : null;
}

function timeOf(amzDate) {
    const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate ?? "");
    return found ? Date.UTC(found[1], found[2] - 1, ...found.slice(3)) : NaN;
}

function canonicalRequest(method, path, headers, signedHeaders, body) {
    const lines = signedHeaders.split(";").map(
        (name) =>
            `${name}:${String(headers[name] ?? "")
                .trim()
                .replace(/ +/g, " ")}\n`,
    );
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    return [method, encoded, "", lines.join(""), signedHeaders, sha256(body)].join("\n");
}

export function sign(request, scope, secret) {
    const { method, path, headers, signedHeaders, body } = request;
    const canonical = canonicalRequest(method, path, headers, signedHeaders, body);
    const place = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
    const text = [
        "AWS4-HMAC-SHA256",
        headers["x-amz-date"],
        place,
        sha256(canonical),
    ].join("\n");
    const day = hmac(`AWS4${secret}`, scope.date);
    const key = hmac(hmac(hmac(day, scope.region), scope.service), "aws4_request");
    return createHmac("sha256", key).update(text).digest("hex");
}

export const looksSigned = (authorization) =>
    /^AWS4-HMAC-SHA256 /.test(authorization ?? "");

// Null, or what is wrong: { type, message }. keys: access key id -> { secret,
// sessionToken }; expired: session tokens that once were good.
export function checkSignature(
    { method, path, headers, body },
    keys,
    { now = Date.now(), expired = new Set() } = {},
) {
    const wrong = (type, message) => ({ type, message });
    const scope = parseAuthorization(headers.authorization);
    if (!scope) {
        return wrong(
            "IncompleteSignatureException",
            "The Authorization header is not complete.",
        );
    }
    const key = keys.get(scope.accessKeyId);
    const token = headers["x-amz-security-token"];
    if (key?.sessionToken !== token && expired.has(token)) {
        return wrong(
            "ExpiredTokenException",
            "The security token included in the request is expired.",
        );
    }
    if (!key || key.sessionToken !== token) {
        return wrong(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        );
    }
    const age = Math.abs(now - timeOf(headers["x-amz-date"]));
    if (!(age <= MAX_AGE_MS) || !headers["x-amz-date"].startsWith(scope.date)) {
        return wrong(
            "InvalidSignatureException",
            "Signature expired or not yet current.",
        );
    }
    const { signedHeaders } = scope;
    const needed = ["host", "x-amz-date", ...(token ? ["x-amz-security-token"] : [])];
    const names = signedHeaders.split(";");
    const signed = sign(
        { method, path, headers, signedHeaders, body },
        scope,
        key.secret,
    );
    const good =
        scope.service === "appsync" &&
        needed.every((name) => names.includes(name)) &&
        timingSafeEqual(Buffer.from(signed), Buffer.from(scope.signature));
    if (good) return null;
    return wrong(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you " +
            "provided. Check your AWS Secret Access Key and signing method.",
    );
}
