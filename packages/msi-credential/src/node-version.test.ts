import { expect, test } from 'vitest';
import { tooOldNode } from './node-version.ts';

test.each([
  ['18.20.8', false],
  ['20.19.0', false],
  ['22.9.0', false],
  ['22.20.0', false],
  ['22.21.0', true],
  ['22.100.0', true],
  ['23.11.1', false],
  ['24.4.1', false],
  ['24.5.0', true],
  ['24.10.0', true],
  ['25.0.0', true],
  ['100.0.0', true],
])('Node.js %s is enough: %s', (node, isEnough) => {
  const sentence = `ours needs Node.js 22.21, 24.5 or later. This is ${node}.`;
  expect(tooOldNode('ours', { node })).toBe(isEnough ? undefined : sentence);
});

test.each(['bun', 'deno'])('%s is not told by the Node.js that it resembles', (runtime) => {
  expect(tooOldNode('ours', { node: '22.6.0', [runtime]: '1.2.0' })).toBeUndefined();
});
