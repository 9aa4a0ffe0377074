// Preloaded with --import: answers in the name server's place for the names in NAMES, an object of addresses or of the
// system's code for each; all others are looked up as ever.
import dns from 'node:dns';

const names = JSON.parse(process.env.NAMES);
const { lookup } = dns;

dns.lookup = (hostname, options, done) => {
  const answer = Object.hasOwn(names, hostname) ? names[hostname] : undefined;
  if (answer === undefined) return lookup(hostname, options, done);
  if (typeof answer === 'string') {
    const details = { errno: -3008, code: answer, syscall: 'getaddrinfo', hostname };
    process.nextTick(done, Object.assign(new Error(`getaddrinfo ${answer} ${hostname}`), details));
  } else {
    const all = answer.map((address) => ({ address, family: 4 }));
    process.nextTick(() => (options.all ? done(null, all) : done(null, all[0].address, 4)));
  }
};
