import { type ErrorCode, type Explanation, isUnavailableCode } from '../codes.ts';
import { kindOf } from './explain/codes.ts';

/** Whether a setting or an identity is missing, so that nothing was asked of any service. */
export function isMisconfigured({ code }: Explanation): boolean {
  return code.startsWith('KV_') ? kindOf(code) === 'misuse' : isUnavailableCode(code as ErrorCode);
}
