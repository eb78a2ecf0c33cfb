/** Assembles domain/byte-scan.wat into domain/byte-scan-module.ts. `--check` only fails when that is out of date. */
import { join } from 'node:path';
import wabt from 'wabt';
import { readText, ROOT, writeOrCheck } from './generated-file.ts';

const SOURCE = 'domain/byte-scan.wat';

const assembler = await wabt();
const module = assembler.parseWat(SOURCE, readText(join(ROOT, SOURCE)) ?? '', { simd: true });
const bytes = Buffer.from(module.toBinary({}).buffer);
module.destroy();
const lines = bytes.toString('base64').match(/.{1,100}/g) ?? [];
const text = `/** Made of byte-scan.wat by scripts/byte-scan.ts: WebAssembly in base64. */
export const BYTE_SCAN_MODULE = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
writeOrCheck(new Map([[join(ROOT, 'domain/byte-scan-module.ts'), text]]), 'scripts/byte-scan.ts');
