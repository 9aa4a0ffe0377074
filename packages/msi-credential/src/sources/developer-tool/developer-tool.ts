import type { TokenCredential } from '@azure/core-auth';
import { credentialError } from '../../errors.ts';
import type { ToolNames } from '../../failures/developer-tool.ts';
import type { ToolPlace } from '../../failures/tool-failures.ts';
import { allow } from '../../http/permission.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Environment, Flight, Offer, Source, TokenRequest } from '../../types.ts';
import { checkTenant, type Tenancy, tenancyOf, tenancyVariables } from '../application/tenancy.ts';
import { type AzureIdentity, acquireWith } from '../azure-identity.ts';
import { absent } from '../detection.ts';
import { withOwnWords } from './own-words.ts';

/** What tells one developer tool from the next. */
export interface DeveloperTool extends ToolNames {
  /** Any of these on PATH is it. */
  readonly programs: readonly string[];
  /** The arguments with which the tool prints a token, where it can be asked without `@azure/identity`. */
  ask?(request: TokenRequest): readonly string[];
  create(
    identity: AzureIdentity,
    options: { tenantId?: string; additionallyAllowedTenants: string[]; processTimeoutInMs: number },
  ): TokenCredential;
}

/** Longer than a slow one takes, and three of them stay within the default deadline of a call. */
const patienceMs = 30_000;

/** What tells the jobs of a build service, in which nobody signs in by hand. */
const jobs = { 'github-actions': 'GITHUB_ACTIONS', 'azure-pipelines': 'TF_BUILD' } as const;

function jobOf(env: Environment): ToolPlace['job'] {
  return (['github-actions', 'azure-pipelines'] as const).find(
    (job) => value(env, jobs[job])?.toLowerCase() === 'true',
  );
}

/** A source for a tool that holds the developer's own sign-in: a candidate where it is on PATH, started only to be asked. */
export function developerTool(tool: DeveloperTool): Source {
  const { name, title, programs } = tool;
  return {
    name,
    title,
    family: 'developer-tool',
    variables: ['PATH', ...Object.values(jobs), ...tenancyVariables],
    advice: { text: `install ${title} and sign in`, run: tool.signIn },
    announced: () => ({ verdict: 'unknown', reason: 'not looked for' }),
    onMachine(machine, env, options) {
      const program = programs.find((each) => machine.hasProgram(each, env));
      if (program === undefined) return absent(`${programs.join(' or ')} is not on PATH`);
      const reason = `${program} is on PATH; whether someone is signed in shows when it is asked`;
      // The tool's own tenant unless the caller names one: AZURE_TENANT_ID belongs to a service principal.
      return {
        verdict: 'unknown',
        reason,
        offer: offerOf(
          { ...tool, job: jobOf(env) },
          reason,
          tenancyOf(env, options, { value: options.tenantId, from: 'the option tenantId' }),
        ),
      };
    },
  };
}

type PlacedTool = DeveloperTool & ToolPlace;

function offerOf(tool: PlacedTool, reason: string, tenancy: Tenancy): Offer {
  const { tenantId, additionallyAllowedTenants } = tenancy;
  return {
    reason,
    principal: 'person',
    tenantId,
    endpoints: [],
    key: [tenantId?.toLowerCase(), additionallyAllowedTenants],
    acquire: (request, flight) => acquire(tool, tenancy, request, flight),
  };
}

async function acquire(
  tool: PlacedTool,
  tenancy: Tenancy,
  request: TokenRequest,
  flight: Flight,
): Promise<AcquiredToken> {
  const { tenantId, additionallyAllowedTenants } = tenancy;
  const { io } = flight;
  const started = io.now();
  // @azure/identity would say that the tool printed no JSON.
  if (!io.mayStartPrograms()) {
    const happened = `${tool.title} could not be started (ERR_ACCESS_DENIED).`;
    throw credentialError('ERR_TOOL_UNAVAILABLE', happened, { fix: allow('ChildProcess') });
  }
  const asked = { ...request, tenantId: checkTenant(tenancy, request.tenantId, tool.name) };
  const args = tool.ask?.({ ...asked, tenantId: asked.tenantId ?? tenantId });
  const command = args && { program: tool.programs[0] as string, args, timeoutMs: patienceMs };
  return acquireWith(
    {
      source: tool.name,
      provider: tool.title,
      prefersOwnEnd: true,
      create(identity) {
        const credential = tool.create(identity, {
          ...(tenantId && { tenantId }),
          additionallyAllowedTenants: [...additionallyAllowedTenants],
          // Without it a tool that hangs would hold the process for good.
          processTimeoutInMs: patienceMs,
        });
        return withOwnWords(credential, command, flight);
      },
      async explain(error) {
        const { explainSilence, explainTool } = await import('../../failures/index.ts');
        // @azure/identity says of one that it ended only that it has printed nothing.
        return io.now() - started < patienceMs ? explainTool(error, tool, request) : explainSilence(tool, patienceMs);
      },
    },
    asked,
    flight,
  );
}
