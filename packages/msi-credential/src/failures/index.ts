// What explains failures: one file when bundled, read only when something has failed. It is long, and most programs never
// need it.
export { explainSilence, explainTool } from './developer-tool.ts';
export { explainOidc } from './oidc.ts';
export { meaningOf, readRefusal } from './refusal.ts';
export { explainSignIn } from './sign-in.ts';
