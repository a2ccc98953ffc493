// Runs GraphQL requests: parses and validates each document once, coerces variables,
// executes, and gives errors the words of the service.
import {
    GraphQLError,
    Kind,
    coerceInputValue,
    defaultFieldResolver,
    execute,
    getArgumentValues,
    getNamedType,
    getOperationAST,
    getVariableValues,
    parse,
    typeFromAST,
    validate,
} from "graphql";
import { executionError, validationError, variableError } from "./words.js";
import { compilePage } from "./fast_page.js";

const KEPT_DOCUMENTS = 500;

// A request that is no GraphQL at all; the service answers it with status 400.
export class MalformedRequest extends Error {}

// The fields of what a mutation answered, in which AWSJSON is text already.
function answeredField(source, args, context, info) {
    const value = defaultFieldResolver(source, args, context, info);
    if (value == null || getNamedType(info.returnType).name !== "AWSJSON") return value;
    return Array.isArray(value)
        ? value.map((text) => (text === null ? null : JSON.parse(text)))
        : JSON.parse(value);
}

export class Executor {
    constructor(api, store) {
        this.api = api;
        this.store = store;
        this.documents = new Map();
    }

    // { document, operation, errors, fields: root fields as [{ key, name }], page }
    read(request) {
        const { query, operationName, variables } = request ?? {};
        if (typeof query !== "string") throw new MalformedRequest("no query");
        if (typeof (variables ?? {}) !== "object" || Array.isArray(variables)) {
            throw new MalformedRequest("variables are no object");
        }
        const cacheKey = `${operationName ?? ""}\0${query}`;
        let known = this.documents.get(cacheKey);
        if (!known) {
            known = this.#prepare(query, operationName);
            this.documents.set(cacheKey, known);
            if (this.documents.size > KEPT_DOCUMENTS) {
                this.documents.delete(this.documents.keys().next().value);
            }
        }
        return known;
    }

    #prepare(query, operationName) {
        let document;
        try {
            document = parse(query);
        } catch (error) {
            throw new MalformedRequest(error.message);
        }
        const operation = getOperationAST(document, operationName ?? undefined);
        if (!operation) throw new MalformedRequest("no operation");
        const errors = validate(this.api.schema, document).map((error) =>
            validationError(error, document),
        );
        const fields = operation.selectionSet.selections
            .filter(({ kind }) => kind === Kind.FIELD)
            .map(({ alias, name }) => ({ key: (alias ?? name).value, name: name.value }));
        const page =
            errors.length === 0 ? compilePage(this.api, this.store, operation) : null;
        return { document, operation, errors, fields, page };
    }

    #variableErrors(operation, variables) {
        const errors = [];
        for (const definition of operation.variableDefinitions) {
            const type = typeFromAST(this.api.schema, definition.type);
            const name = definition.variable.name.value;
            const given = variables[name];
            const fail = (path, value, error) =>
                errors.push(variableError(definition, path, error));
            const { kind } = definition.type;
            if (given !== undefined) {
                coerceInputValue(given, type, fail);
            } else if (kind === Kind.NON_NULL_TYPE && !definition.defaultValue) {
                const text = `Expected non-nullable type "${type}" not to be null.`;
                fail([], given, new GraphQLError(text));
            }
        }
        return errors;
    }

    // { data, errors }, as the body of the answer has them.
    async run(request, context) {
        const { document, operation, errors, page } = this.read(request);
        if (errors.length > 0) return { data: null, errors };
        const variables = request.variables ?? {};
        const wrong = this.#variableErrors(operation, variables);
        if (wrong.length > 0) return { data: null, errors: wrong };
        const fast = page?.(variables, context);
        if (fast) return { data: fast };
        const result = await execute({
            schema: this.api.schema,
            document,
            operationName: operation.name?.value,
            variableValues: variables,
            contextValue: context,
        });
        return this.#answer(result);
    }

    #answer({ data, errors }) {
        if (!errors) return { data };
        const said = errors.map((error) => executionError(error, this.api.schema));
        return { data: data ?? null, errors: said };
    }

    // Checks the request of a `start` frame: { field, model, args } of its one field.
    readSubscription(request) {
        const { operation, errors } = this.read(request);
        const wrong = [
            ...errors,
            ...this.#variableErrors(operation, request.variables ?? {}),
        ];
        if (wrong.length > 0) {
            throw Object.assign(new Error("not valid"), { errors: wrong });
        }
        const [node, ...more] = operation.selectionSet.selections;
        const type = this.api.schema.getSubscriptionType();
        const field = type?.getFields()[node.name?.value];
        if (operation.operation !== "subscription" || !field || more.length > 0) {
            throw new MalformedRequest("not a subscription to one field");
        }
        const { variableDefinitions } = operation;
        const { schema } = this.api;
        const { coerced } = getVariableValues(
            schema,
            variableDefinitions,
            request.variables ?? {},
        );
        const model = this.api.catalog.models.get(getNamedType(field.type).name);
        return {
            field: field.name,
            model,
            args: getArgumentValues(field, node, coerced),
        };
    }

    // What a subscriber gets of a payload, by its own selection: { data, errors }.
    event(request, field, payload) {
        const { document, operation } = this.read(request);
        const result = execute({
            schema: this.api.schema,
            document,
            operationName: operation.name?.value,
            variableValues: request.variables,
            rootValue: { [field]: payload },
            fieldResolver: answeredField,
        });
        return this.#answer(result);
    }
}
