// What the Functions host puts beside a worker as `@azure/functions-core`, as far as an HTTP function needs it.
const host = { model: undefined, functions: [], logs: [] };
module.exports = {
  host,
  version: '4.0.0',
  hostVersion: '4.0.0',
  setProgrammingModel: (model) => {
    host.model = model;
  },
  registerFunction: (metadata, callback) => {
    host.functions.push({ metadata, callback });
    return { dispose() {} };
  },
  registerHook: () => ({ dispose() {} }),
  log: (_level, _category, message) => host.logs.push(message),
};
