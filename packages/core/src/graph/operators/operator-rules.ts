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

/** Every operator of ONNX's own domain that Tandem knows. */
export const standardRules: OperatorRules = {
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
};

/** The rule of an operator, or null where there is none. */
export function ruleOf(domain: string, name: string): OperatorRule | null {
  const rules = rulesOf(domain);
  return rules !== null && Object.hasOwn(rules, name) ? (rules[name] ?? null) : null;
}

function rulesOf(domain: string): OperatorRules | null {
  switch (domain) {
    case '':
    case 'ai.onnx':
      return standardRules;
    case 'com.microsoft':
      return contributedRules;
    default:
      return null;
  }
}
