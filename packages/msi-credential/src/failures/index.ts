// What explains failures: one file when bundled, read only when something has failed, since most programs never need it.
export { explainAadsts } from './aadsts.ts';
export { explainSilence, explainTool } from './developer-tool.ts';
export { explainOidc } from './oidc.ts';
export { explainRefusal, generalRefusals } from './refusal.ts';
export { explainSignIn } from './sign-in.ts';
