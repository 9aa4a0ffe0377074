// What the programs here share. `from(FOLDER)` is the `require` of the packages installed in FOLDER.
const { createRequire } = require('node:module');

exports.from = (folder) => createRequire(`${folder}/program.js`);

/** Reads the secret without any SDK. */
exports.readSecret = async (token) => {
  const url = `${process.env.KEY_VAULT_URL}/secrets/secret?api-version=7.4`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(body)}`);
  return body.value;
};

/** The OIDC token of a job in GitHub Actions, as a step fetches it. */
exports.jobToken = async () => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = process.env;
  const answer = await fetch(`${url}&audience=api://AzureADTokenExchange`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return (await answer.json()).value;
};

/** Prints what the program read, or why it failed. */
exports.tell = (reading) => {
  const fail = (error) => {
    const cause = error.cause?.message ?? '';
    console.log('Failed:', error.name, String(error.message ?? error).replace(/\s+/g, ' '), cause);
    process.exit(1);
  };
  // adal-node throws out of its callbacks.
  process.on('uncaughtException', fail);
  reading.then((value) => console.log('The secret is', value), fail);
};
