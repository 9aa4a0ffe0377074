import type { Source } from '../types.ts';
import { azurePipelines } from './application/azure-pipelines.ts';
import { githubActions } from './application/github-actions.ts';
import { servicePrincipal } from './application/service-principal.ts';
import { workloadIdentity } from './application/workload-identity.ts';
import { azureCli } from './developer-tool/azure-cli.ts';
import { azureDeveloperCli } from './developer-tool/azure-developer-cli.ts';
import { azurePowershell } from './developer-tool/azure-powershell.ts';
import { appService } from './managed-identity/app-service.ts';
import { azureArc } from './managed-identity/azure-arc.ts';
import { azureMl } from './managed-identity/azure-ml.ts';
import { cloudShell } from './managed-identity/cloud-shell.ts';
import { imds } from './managed-identity/imds.ts';
import { serviceFabric } from './managed-identity/service-fabric.ts';

/** Every source, in the order in which they are considered. README and documentation are tested against this list. */
export const sources: readonly Source[] = [
  serviceFabric,
  appService,
  azureMl,
  azureArc,
  cloudShell,
  workloadIdentity,
  servicePrincipal,
  githubActions,
  azurePipelines,
  imds,
  azureCli,
  azureDeveloperCli,
  azurePowershell,
];
