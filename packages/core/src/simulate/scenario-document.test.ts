import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { parseScenario } from './scenario-document.ts';

const full = {
  model: 'zoo:resnet-50',
  cluster: 'cluster.yaml',
  calibration: 'calibration.json',
  exits: 'exits.json',
  accuracyLoss: 0.01,
  planner: 'auto',
  objective: 'period',
  arrivals: { kind: 'poisson', perSecond: 4, requests: 300 },
  queue: 2,
  window: 8,
  ordered: true,
  requestTimeoutSeconds: 5,
  changes: [
    { kind: 'speed', atSeconds: 1, device: 'pi', factor: 0.5 },
    { kind: 'rate', atSeconds: 2, from: 'pi', to: 'desk', factor: 0 },
    { kind: 'fail', atSeconds: 3, device: 'desk', policy: 'lost', backAtSeconds: 4 },
  ],
  seed: 7,
};

describe('parseScenario', () => {
  it('reads everything that a scenario may say', () => {
    const document = parseScenario(full);
    expect(document).toMatchObject({
      model: full.model,
      calibration: 'calibration.json',
      exits: 'exits.json',
      accuracyLoss: 0.01,
      planner: 'auto',
      objective: 'period',
      seed: 7,
    });
    expect(document.pipeline).toEqual({
      arrivals: full.arrivals,
      queue: 2,
      window: 8,
      ordered: true,
      requestTimeoutSeconds: 5,
    });
    expect(document.changes).toEqual(full.changes);
  });

  it('takes defaults for what it does not say', () => {
    expect(parseScenario({ model: 'm.onnx' })).toEqual({
      model: 'm.onnx',
      cluster: null,
      profile: [],
      calibration: null,
      exits: null,
      accuracyLoss: null,
      plan: null,
      planner: null,
      objective: 'latency',
      pipeline: {},
      acknowledgementSeconds: null,
      changes: [],
      seed: 1,
    });
  });

  it.each<readonly [string, object, string]>([
    ['no model', {}, 'model is absent'],
    ['an unknown key', { model: 'm', widow: 3 }, "did you mean 'window'?"],
    ['arrivals without their number', { model: 'm', arrivals: { kind: 'batch' } }, 'expected requests'],
    [
      'times that go back',
      { model: 'm', arrivals: { kind: 'trace', atSeconds: [1, 0] } },
      'arrivals.atSeconds goes back',
    ],
    [
      'a device that stops for ever by its speed',
      { model: 'm', changes: [{ kind: 'speed', atSeconds: 0, device: 'a', factor: 0 }] },
      'changes[0] of kind speed lacks something, expected device and a factor above 0',
    ],
    [
      'a change of another kind',
      { model: 'm', changes: [{ kind: 'switch', atSeconds: 0 }] },
      'changes[0].kind',
    ],
  ])('refuses %s', (_name, value, message) => {
    expect(() => parseScenario(value)).toThrow(InvalidInputError);
    expect(() => parseScenario(value)).toThrow(message);
  });
});
