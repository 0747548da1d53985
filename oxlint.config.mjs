/** The order in which data walks through core (ARCHITECTURE.md §1). A stage imports only stages before it. */
const stages = [
  'search',
  'onnx',
  'graph',
  'zoo',
  'codec',
  'compress',
  'calibrate',
  'cluster',
  'profile',
  'plan',
  'cost',
  'planner',
  'trace',
  'schedule',
  'simulate',
  'metrics',
];

/** The order of the packages; core imports none of the others. */
const packages = ['core', 'runtime', 'node', 'cli'];

const restrict = (files, patterns, message, extra = {}) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: patterns, message }] }], ...extra },
});

const stageOrder = stages
  .slice(0, -1)
  .map((stage, position) =>
    restrict(
      [`packages/core/src/${stage}/**/*.ts`],
      [...stages.slice(position + 1).map((later) => `**/${later}/**`), '@tandem/*', 'node:*'],
      `core/${stage} may import only the stages before it: ${['units, errors, random, clock, digest', ...stages.slice(0, position)].join(' → ')}.`,
    ),
  );

const packageOrder = packages.slice(0, -1).map((name, position) => {
  const later = packages.slice(position + 1).map((other) => `@tandem/${other}`);
  const platform = name === 'runtime' ? ['node:*'] : [];
  return restrict(
    name === 'core' ? ['packages/core/src/*.ts'] : [`packages/${name}/src/**/*.ts`],
    [...later, ...platform, '**/packages/**'],
    `${name} may not import ${[...later, ...platform].join(', ')}: data flows core → runtime → node → cli.`,
  );
});

export default {
  plugins: ['typescript', 'import', 'unicorn', 'oxc'],
  categories: { correctness: 'error' },
  ignorePatterns: ['**/dist/**', 'node_modules/**', '*.mjs'],
  rules: {
    'import/no-cycle': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-non-null-assertion': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-return': 'error',
    'max-lines': ['error', { max: 400 }],
    'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
  },
  overrides: [
    ...stageOrder,
    ...packageOrder,
    {
      files: ['**/*.test.ts', '**/conformance.ts', 'tests/**', 'bench/**'],
      rules: {
        'max-lines-per-function': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'max-lines': 'off',
        'no-restricted-imports': 'off',
        'typescript/no-non-null-assertion': 'off',
      },
    },
  ],
};
