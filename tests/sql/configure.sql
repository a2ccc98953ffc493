-- What datastore_configure takes, shows and refuses. Nothing here touches a network.

-- Nothing is set: the standard values.
SELECT datastore_configure();

-- Our keys. Calls add up; secrets are not shown; region and address for subscriptions follow from
-- the URL.
SELECT datastore_configure('{"url":"https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/graphql",
  "apiKey":"da2-geheim"}') ->> '$.apiKey';
SELECT datastore_configure('{"syncPageSize":100,"conflict":"local"}') ->> '$.syncPageSize';
SELECT key, value FROM json_each(datastore_configure());

-- null takes a value back.
SELECT datastore_configure('{"syncPageSize":null,"apiKey":null,"url":null}') ->> '$.syncPageSize';
SELECT group_concat(key) FROM json_each(datastore_configure());

-- Ids are made in the format asked for.
SELECT datastore_configure('{"idFormat":"ulid"}') ->> '$.idFormat';
SELECT length(datastore_uuid());
SELECT datastore_configure('{"idFormat":"uuid4"}') ->> '$.idFormat';
SELECT datastore_uuid() GLOB '????????-????-4???-[89ab]???-????????????';
SELECT datastore_configure('{"idFormat":null}') ->> '$.idFormat';

-- amplify_outputs.json, of which the endpoint, the key and the modes count.
SELECT json_remove(datastore_configure('{"version":"1.1","auth":{"user_pool_id":"eu-west-1_x"},
  "data":{"url":"https://a.test/graphql","aws_region":"eu-west-1","api_key":"da2-geheim",
  "default_authorization_type":"AMAZON_COGNITO_USER_POOLS","authorization_types":["AWS_IAM","API_KEY"],
  "model_introspection":{"version":1}}}'), '$.connectTimeoutMs', '$.requestTimeoutMs');

-- amplifyconfiguration.json.
SELECT datastore_configure('{"UserAgent":"aws-amplify-cli/2.0","Version":"1.0","api":{"plugins":{"awsAPIPlugin":{
  "blog":{"endpointType":"GraphQL","endpoint":"https://b.test/graphql","region":"eu-west-2",
  "authorizationType":"API_KEY","apiKey":"da2-geheim"}}}}}') ->> '$.realtimeUrl';

-- The object of aws-exports.js, with a key of ours beside it.
SELECT datastore_configure('{"aws_project_region":"eu-west-1","aws_appsync_graphqlEndpoint":"http://127.0.0.1:20002/graphql",
  "aws_appsync_region":"eu-west-1","aws_appsync_authenticationType":"AWS_LAMBDA","concurrency":2}') ->> '$.authMode';
SELECT datastore_configure() ->> '$.realtimeUrl', datastore_configure() ->> '$.concurrency';

-- What is refused changes nothing.
SELECT datastore_configure('{"concurrency":3,"syncPagesize":3}');
SELECT datastore_configure('{"concurrency":3,"requestTimeoutMs":0}');
SELECT datastore_configure() ->> '$.concurrency';
SELECT datastore_configure('{"url":"http://example.com/graphql"}');
SELECT datastore_configure('{"url":"https://me:geheim@example.com/graphql"}');
SELECT datastore_configure('{"apiKey":"two\nlines"}');
SELECT datastore_configure('{"apiKey":{"env":"DATASTORE_NO_SUCH_VARIABLE"}}');
SELECT datastore_configure('{"apiKey":{"file":"no-such-file"}}');
SELECT datastore_configure('{"apiKey":"********"}');
SELECT datastore_configure('{"authMode":"cognito"}');
SELECT datastore_configure('{"caFile":"no-such-file"}');
SELECT datastore_configure('{"data":{}}');
SELECT datastore_configure('aws');
SELECT datastore_configure('[]');
SELECT datastore_configure(readfile('no-such-file'));
SELECT datastore_configure('{}', '{}');

-- It is the connection's, not the file's, and no transaction's.
BEGIN;
SELECT datastore_configure('{"concurrency":9}') ->> '$.concurrency';
ROLLBACK;
SELECT datastore_configure() ->> '$.concurrency';
SELECT count(*) FROM sqlite_schema;
CREATE VIEW bad AS SELECT datastore_configure() AS configuration;
SELECT configuration FROM bad;
