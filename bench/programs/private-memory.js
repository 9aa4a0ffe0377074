// For `node --import`: prints the memory of this process's own at its end, in kB. The rest of what is resident is mapped
// files, whose share depends on the kernel. Elsewhere than on Linux it is the peak of all.
process.on('exit', () => {
  const status =
    process.platform === 'linux' ? process.getBuiltinModule('node:fs').readFileSync('/proc/self/status') : '';
  process.stdout.write(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? `${process.resourceUsage().maxRSS}`);
});
