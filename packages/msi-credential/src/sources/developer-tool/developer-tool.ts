import type { TokenCredential } from '@azure/core-auth';
import { credentialError } from '../../errors.ts';
import type { ToolNames } from '../../failures/developer-tool.ts';
import { allow } from '../../http/permission.ts';
import type { AcquiredToken, Flight, Offer, Source, TokenRequest } from '../../types.ts';
import { checkTenant, type Tenancy, tenancyOf, tenancyVariables } from '../application/tenancy.ts';
import { type AzureIdentity, acquireWith } from '../azure-identity.ts';
import { absent } from '../detection.ts';

/** What tells one developer tool from the next. */
export interface DeveloperTool extends ToolNames {
  /** Any of these on PATH is it. */
  readonly programs: readonly string[];
  create(
    identity: AzureIdentity,
    options: { tenantId?: string; additionallyAllowedTenants: string[]; processTimeoutInMs: number },
  ): TokenCredential;
}

/** Longer than a slow one takes, and three of them stay within the default deadline of a call. */
const patienceMs = 30_000;

/** A source for a tool that holds the developer's own sign-in: a candidate where it is on PATH, started only to be asked. */
export function developerTool(tool: DeveloperTool): Source {
  const { name, title, programs } = tool;
  return {
    name,
    title,
    family: 'developer-tool',
    variables: ['PATH', ...tenancyVariables],
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
        offer: offerOf(tool, reason, tenancyOf(env, options, { value: options.tenantId, from: 'the option tenantId' })),
      };
    },
  };
}

function offerOf(tool: DeveloperTool, reason: string, tenancy: Tenancy): Offer {
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
  tool: DeveloperTool,
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
  return acquireWith(
    {
      source: tool.name,
      provider: tool.title,
      prefersOwnEnd: true,
      create: (identity) =>
        tool.create(identity, {
          ...(tenantId && { tenantId }),
          additionallyAllowedTenants: [...additionallyAllowedTenants],
          // Without it a tool that hangs would hold the process for good.
          processTimeoutInMs: patienceMs,
        }),
      async explain(error) {
        const { explainSilence, explainTool } = await import('../../failures/index.ts');
        // @azure/identity says of one that it ended only that it has printed nothing.
        return io.now() - started < patienceMs ? explainTool(error, tool, request) : explainSilence(tool, patienceMs);
      },
    },
    { ...request, tenantId: checkTenant(tenancy, request.tenantId, tool.name) },
    flight,
  );
}
