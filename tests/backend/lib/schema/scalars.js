// AppSync's own scalars: what values the API takes. The forms are those of AWS's
// documentation; a value comes back as it went in, except AWSJSON, which is stored
// parsed.
import net from "node:net";
import { GraphQLError, GraphQLScalarType, Kind } from "graphql";

const ZONE = "(Z|[+-]\\d{2}:\\d{2}(:\\d{2})?)";
const TIME = "([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?";
const DATE = "-?(\\d{4,})-(\\d{2})-(\\d{2})";
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year, month, day) {
    if (month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]) return false;
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    return month !== 2 || day < 29 || leap;
}

const matches = (pattern) => (value) => typeof value === "string" && pattern.test(value);

function dated(rest) {
    const pattern = new RegExp(`^${DATE}${rest}$`);
    return (value) => {
        const found = typeof value === "string" ? pattern.exec(value) : null;
        return (
            found !== null && isDay(Number(found[1]), Number(found[2]), Number(found[3]))
        );
    };
}

function isAddress(value) {
    if (typeof value !== "string") return false;
    const [address, bits, ...rest] = value.split("/");
    const version = net.isIP(address);
    if (version === 0 || rest.length > 0 || address.includes("%")) return false;
    return (
        bits === undefined ||
        (/^\d{1,3}$/.test(bits) && bits <= (version === 4 ? 32 : 128))
    );
}

function isUrl(value) {
    return (
        typeof value === "string" &&
        /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(value) &&
        URL.canParse?.(value) !== false
    );
}

const CHECKS = {
    AWSDate: dated(`${ZONE}?`),
    AWSTime: matches(new RegExp(`^${TIME}${ZONE}?$`)),
    AWSDateTime: dated(`T${TIME}${ZONE}`),
    AWSTimestamp: (value) => Number.isSafeInteger(value),
    AWSEmail: matches(/^[^\s@]+@[^\s@]+$/),
    AWSPhone: matches(/^\+?[\d\s().-]{3,}$/),
    AWSURL: isUrl,
    AWSIPAddress: isAddress,
};

const LITERALS = {
    [Kind.INT]: (node) => Number(node.value),
    [Kind.FLOAT]: (node) => Number(node.value),
    [Kind.STRING]: (node) => node.value,
    [Kind.BOOLEAN]: (node) => node.value,
};

function scalar(name, parse, serialize) {
    return new GraphQLScalarType({
        name,
        serialize,
        parseValue: parse,
        parseLiteral: (node) => parse(LITERALS[node.kind]?.(node)),
    });
}

function checked(name) {
    const check = (value) => {
        if (CHECKS[name](value)) return value;
        throw new GraphQLError(
            `Unable to parse \`${JSON.stringify(value)}\` as a valid ${name}.`,
        );
    };
    return scalar(name, check, check);
}

function parseJson(value) {
    try {
        if (typeof value === "string") return JSON.parse(value);
    } catch {
        // said below
    }
    throw new GraphQLError(
        `Unable to parse \`${JSON.stringify(value)}\` as a valid AWSJSON.`,
    );
}

export const SCALARS = {
    ...Object.fromEntries(Object.keys(CHECKS).map((name) => [name, checked(name)])),
    AWSJSON: scalar("AWSJSON", parseJson, JSON.stringify),
};
