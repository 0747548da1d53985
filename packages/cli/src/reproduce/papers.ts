/** The papers whose claims are reproduced. */
export const papers = {
  coinfer: 'COINFER, IWQoS 2026 (readme of the published repository, with its two charts)',
  coach:
    'Gao et al., "Accelerating end-cloud collaborative inference via near bubble-free pipeline optimization" (COACH)',
  mu: 'Mu et al., "A fine-grained end-to-end latency optimization framework for wireless collaborative inference", IEEE Internet of Things Journal 11 (4), 2024',
  ng: 'Ng et al., "Collaborative inference in resource-constrained edge networks: challenges and opportunities"',
} as const;
