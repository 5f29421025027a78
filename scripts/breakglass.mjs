#!/usr/bin/env node
// Starts the tool without a build step: from the cache that launch/ keeps, or else from the TypeScript sources.
import { launch } from './launch/launch.mjs';

await launch(process.argv.slice(2));
