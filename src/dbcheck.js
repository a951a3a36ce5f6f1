#!/usr/bin/env node
// JavaScript, and no more than this: for an entry in TypeScript Node loads its type stripper, 0.1 s and 16 MB, even where
// what it would strip lies in the compile cache that is switched on here.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./cli.ts');
