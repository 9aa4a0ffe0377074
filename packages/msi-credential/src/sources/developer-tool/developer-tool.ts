import type { TokenCredential } from '@azure/core-auth';
import type { ToolNames } from '../../failures/developer-tool.ts';
import type { Io } from '../../io.ts';
import type { Source } from '../../types.ts';
import { checkTenant, type Tenancy, tenancyOf, tenancyVariables } from '../application/tenancy.ts';
import { type AzureIdentity, acquireWith } from '../azure-identity.ts';

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
export function developerTool(tool: DeveloperTool): Source<Tenancy> {
  const { name, title, programs } = tool;
  return {
    name,
    title,
    family: 'developer-tool',
    variables: ['PATH', ...tenancyVariables],
    advice: `install ${title} and run \`${tool.signIn}\``,
    detect(env, options, machine) {
      if (machine === undefined) return { verdict: 'unknown', reason: 'not looked for' };
      // The tool's own tenant unless the caller names one: AZURE_TENANT_ID is that of a service principal.
      const { problem: _, ...settings } = tenancyOf(env, options, '');
      const found = programs.find((program) => machine.hasProgram(program, env));
      return found
        ? {
            verdict: 'unknown',
            settings,
            reason: `${found} is on PATH; whether someone is signed in shows when it is asked`,
          }
        : { verdict: 'absent', reason: `${programs.join(' or ')} is not on PATH` };
    },
    acquire: async (settings, request, io: Io) => {
      const { tenantId, additionallyAllowedTenants } = settings;
      const started = io.now();
      return acquireWith(
        {
          source: name,
          provider: title,
          create: (identity) =>
            tool.create(identity, {
              ...(tenantId && { tenantId }),
              additionallyAllowedTenants: [...additionallyAllowedTenants],
              // Without it a tool that hangs would hold the process for good.
              processTimeoutInMs: patienceMs,
            }),
          async explain(error) {
            const { explainSilence, explainTool } = await import('../../failures/index.ts');
            // @azure/identity says of a tool that it stopped only that it printed nothing.
            return io.now() - started < patienceMs
              ? explainTool(error, tool, request)
              : explainSilence(tool, patienceMs);
          },
        },
        { ...request, tenantId: checkTenant(settings, request.tenantId, name) },
        io,
      );
    },
  };
}
