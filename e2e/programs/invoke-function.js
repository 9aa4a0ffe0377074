// The host of Functions in miniature: loads example-functions by its `main`, and sends one request through the unmodified
// @azure/functions, which makes its own HttpRequest, InvocationContext and reply of it.
// node invoke-function.js NAME [VARIABLE=VALUE, empty to unset...]
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';

const [name, ...changes] = process.argv.slice(2);
for (const change of changes) {
  const [variable, value] = change.split('=');
  if (value) process.env[variable] = value;
  else delete process.env[variable];
}

const core = new URL('./functions-core.cjs', import.meta.url);
registerHooks({
  resolve: (name, context, next) =>
    name === '@azure/functions-core' ? { url: core.href, format: 'commonjs', shortCircuit: true } : next(name, context),
});
const root = new URL('../../packages/example-functions/', import.meta.url);
const { main } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
await import(new URL(main, root).href);

const { host } = createRequire(import.meta.url)('./functions-core.cjs');
const { metadata, callback } = host.functions.find(({ metadata }) => metadata.name === name);
const [input, trigger] = Object.entries(metadata.bindings).find(([, { type }]) => type === 'httpTrigger');
const http = {
  method: 'GET',
  url: `https://app.azurewebsites.net/api/${name}`,
  headers: {},
  nullableHeaders: {},
};
const invocation = host.model.getInvocationModel({
  invocationId: 'b0000000-0000-4000-8000-000000000001',
  metadata,
  request: { inputData: [{ name: input, data: { http } }] },
  state: undefined,
  log: (_level, _category, message) => host.logs.push(message),
});
const { context, inputs } = await invocation.getArguments();
const result = await invocation.invokeFunction(context, inputs, callback);
const { returnValue } = await invocation.getResponse(context, result);
const { statusCode, headers, body } = returnValue.http;
console.log(
  JSON.stringify({
    functions: host.functions.map(({ metadata }) => metadata.name),
    trigger,
    status: Number(statusCode),
    headers,
    body: Buffer.from(body.bytes).toString(),
    logs: host.logs,
  }),
);
