import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

// The direction table of ARCHITECTURE.md: what each folder must not import. test/lint.test.ts breaks it on purpose.
const VENDOR_SDKS = ['@aws-sdk/*', '@smithy/*', '@clickhouse/*', 'yauzl', 'fzstd', 'pino', 'prom-client', 'commander'];
const ENTRY_POINTS = ['**/worker.ts', '**/client/main.ts', '**/config/**', '**/client/cli/**', '**/client/commands/**'];
const DIRECTIONS = {
  domain: {
    message: 'domain is pure: it imports domain only.',
    // The catalogue is that of domain, to domain/metrics/.
    group: ['../*', '!../domain/**', '!../catalogue.ts', 'node:*', '@temporalio/*', ...VENDOR_SDKS, 'zod'],
  },
  workflows: {
    message: 'Workflows do no I/O: they import domain values, activities as types and @temporalio/workflow.',
    group: [
      'node:*',
      '**/adapters/**',
      '**/client/**',
      '**/devstack/**',
      ...VENDOR_SDKS,
      '@temporalio/client',
      '@temporalio/worker',
      '@temporalio/activity',
      ...ENTRY_POINTS,
    ],
    typesOnly: ['**/activities/**'],
  },
  activities: {
    message: 'Activities are written against their own ports: they import domain and @temporalio/activity.',
    group: [
      '**/adapters/**',
      '**/workflows/**',
      '**/client/**',
      '**/devstack/**',
      ...VENDOR_SDKS,
      '@temporalio/client',
      '@temporalio/worker',
      '@temporalio/workflow',
      ...ENTRY_POINTS,
    ],
  },
  adapters: {
    message: 'Adapters import port types, domain, one vendor SDK and node:*.',
    group: ['**/workflows/**', '**/client/**', '**/devstack/**', ...ENTRY_POINTS],
    typesOnly: ['**/activities/**'],
  },
  client: {
    message: 'The client starts workflows by name: it imports domain, workflows as types and @temporalio/client.',
    group: ['**/activities/**', '**/adapters/**', '@temporalio/worker'],
    typesOnly: ['**/workflows/**'],
    except: ['client/main.ts', 'client/commands/**'],
  },
  dashboard: {
    message: 'The dashboard reads only: it imports domain and is passed a reader.',
    group: ['**/workflows/**', '**/activities/**', '**/adapters/**', '@temporalio/worker'],
  },
};

const directionRules = Object.entries(DIRECTIONS).map(([folder, rule]) => ({
  files: [`${folder}/**/*.{ts,tsx}`],
  ignores: rule.except ?? [],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: rule.group, message: rule.message },
          ...(rule.typesOnly ? [{ group: rule.typesOnly, allowTypeImports: true, message: rule.message }] : []),
        ],
      },
    ],
  },
}));

const ADAPTER_VENDORS = {
  s3: ['@clickhouse/*', 'yauzl', 'fzstd', '**/clickhouse/**', '**/archive/**'],
  clickhouse: ['@aws-sdk/*', 'yauzl', 'fzstd', '**/s3/**', '**/archive/**'],
  archive: ['@aws-sdk/*', '@clickhouse/*', '**/s3/**', '**/clickhouse/**'],
  telemetry: ['@aws-sdk/*', '@clickhouse/*', '@temporalio/*', '**/s3/**', '**/clickhouse/**', '**/temporal/**'],
  temporal: ['@aws-sdk/*', '@clickhouse/*', 'pino', 'prom-client', '**/s3/**', '**/clickhouse/**', '**/telemetry/**'],
};

const adapterRules = Object.entries(ADAPTER_VENDORS).map(([adapter, group]) => ({
  files: [`adapters/${adapter}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: [...group, ...DIRECTIONS.adapters.group], message: DIRECTIONS.adapters.message },
          { group: DIRECTIONS.adapters.typesOnly, allowTypeImports: true, message: DIRECTIONS.adapters.message },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.clickfeed/', 'test/fixtures/direction/'] },
  js.configs.recommended,
  // The rules that need types are in .oxlintrc.json: its checker, written in Go, takes a seventh of the time.
  ...tseslint.configs.strict,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70, skipComments: true, skipBlankLines: true }],
    },
  },
  ...directionRules,
  ...adapterRules,
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '*.config.ts'],
    rules: { 'import-x/no-default-export': 'off', 'no-undef': 'off' },
  },
);
