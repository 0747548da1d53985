import { arithmeticRules } from './arithmetic.ts';
import { constantRules } from './constant.ts';
import { contributedRules } from './contributed.ts';
import { controlFlowRules } from './control-flow.ts';
import { convolutionRules } from './convolution.ts';
import { elementwiseRules } from './elementwise.ts';
import { matrixRules } from './matrix.ts';
import { normalisationRules } from './normalisation.ts';
import type { OperatorRule, OperatorRules } from './operator-rule.ts';
import { poolingRules } from './pooling.ts';
import { quantisationRules } from './quantisation.ts';
import { recurrentRules } from './recurrent.ts';
import { reductionRules } from './reduction.ts';
import { reshapingRules } from './reshaping.ts';
import { resizingRules } from './resizing.ts';
import { selectingRules } from './selecting.ts';

/** Every operator that Tandem knows, by domain ('' is ai.onnx) and name. */
const operatorRules: Readonly<Record<string, OperatorRules>> = {
  '': {
    ...arithmeticRules,
    ...constantRules,
    ...controlFlowRules,
    ...convolutionRules,
    ...elementwiseRules,
    ...matrixRules,
    ...normalisationRules,
    ...poolingRules,
    ...quantisationRules,
    ...recurrentRules,
    ...reductionRules,
    ...reshapingRules,
    ...resizingRules,
    ...selectingRules,
  },
  'com.microsoft': contributedRules,
};

/** The rule of an operator, or null where there is none. */
export function ruleOf(domain: string, name: string): OperatorRule | null {
  const rules = operatorRules[domain === 'ai.onnx' ? '' : domain];
  if (rules === undefined || !Object.hasOwn(operatorRules, domain === 'ai.onnx' ? '' : domain)) return null;
  return Object.hasOwn(rules, name) ? (rules[name] ?? null) : null;
}
