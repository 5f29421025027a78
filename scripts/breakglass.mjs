#!/usr/bin/env node
// Starts the TypeScript entry point without a build step.
import { register } from 'tsx/esm/api';

register();
await import('./breakglass.ts');
