import { shippedPredictor } from '@tandem/core';
import { type Claim, defineClaim, exactly } from '../claim.ts';
import { papers } from '../papers.ts';

const { heldOut } = shippedPredictor.provenance;

/** The paper prints no number: nothing of ours is judged. */
const unprinted = { paper: null, tolerance: exactly, where: 'no figure' } as const;

export const c5: Claim = defineClaim({
  claim: 'A predictor that learns from features of network and device foretells latencies accurately.',
  paper: papers.coinfer,
  standIn:
    'The predictor that comes with Tandem, the paper’s kind of learner, and the published ncnn benchmark table in place of the paper’s 20 devices.',
  figures: {
    'devices held out': { unit: 'devices', ...unprinted },
    'error on a held-out device, median over devices': { unit: '% MAPE', ...unprinted },
    'the same of the roofline, nothing learned': { unit: '% MAPE', ...unprinted },
    'half of the times are within': { unit: '×', ...unprinted },
    'nine in ten are within': { unit: '×', ...unprinted },
  },
  remarks: [
    'The figures were written down when the predictor was trained (scripts/train-predictor.ts) and are stated here, not measured again: the timings do not ship. bench/results/predict-ncnn.md holds networks out as well, and bench predict-kernels judges single kernels on one machine.',
    'A device is held out with all devices of its chip; its networks were seen on other devices. Rates of devices are common figures, coarse and unchecked, which is part of the error.',
  ],
  run: async () => ({
    'devices held out': heldOut.devices,
    'error on a held-out device, median over devices': 100 * heldOut.medianErrorShare,
    'the same of the roofline, nothing learned': 100 * heldOut.rooflineMedianErrorShare,
    'half of the times are within': heldOut.medianFactor,
    'nine in ten are within': heldOut.p90Factor,
  }),
});
