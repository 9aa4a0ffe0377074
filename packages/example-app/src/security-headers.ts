import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const none = ["'none'"];
const self = ["'self'"];

const fixed = secureHeaders({
  // Nothing inline and nothing from elsewhere: what a vault, a token or an error says stays text.
  contentSecurityPolicy: {
    defaultSrc: none,
    scriptSrc: self,
    styleSrc: self,
    connectSrc: self,
    // The icon; without it browsers report each attempt to fetch one as a violation.
    imgSrc: self,
    baseUri: none,
    formAction: none,
    frameAncestors: none,
  },
  permissionsPolicy: { camera: [], geolocation: [], microphone: [] },
  xFrameOptions: 'DENY',
  strictTransportSecurity: false,
});

/** Security headers for every answer, and no copy of any answer in a cache on the way. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await fixed(context, next);
  context.header('cache-control', 'no-store');
  // RFC 6797, 7.2: only over TLS, which App Service and Container Apps end in front of this process.
  if (context.req.header('x-forwarded-proto') === 'https') {
    context.header('strict-transport-security', 'max-age=31536000');
  }
};
