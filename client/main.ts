/** The command line's entry point. Commands are loaded when they are asked for: help must not wait for every SDK. */
import { readFileSync } from 'node:fs';
import { processIo } from './cli/io.ts';
import { createProgram, registerCommands } from './cli/program.ts';
import { runProgram } from './cli/run.ts';
import { COMMANDS } from './commands/index.ts';

// Seven lines in front of every answer, on Node 20: that later versions of the SDK will want another. Ours is pinned, and takes it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const io = processIo();
const program = createProgram(packageVersion(), io);
registerCommands(program, COMMANDS, io);
process.exitCode = await runProgram(program, process.argv.slice(2), io);

/** From package.json, which lies beside client/ in a checkout and above dist/ in a package. */
function packageVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'clickfeed' && version !== undefined) return version;
    } catch {
      // not here
    }
  }
  return 'unknown';
}
