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
  turnSeconds: 0.02,
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
    { kind: 'sensor', atSeconds: 4, sensor: 'front', quality: 0.5 },
    { kind: 'command', atSeconds: 5, command: { objective: 'energy', leastPriority: 1 } },
  ],
  bodies: [
    { device: 'desk' },
    {
      device: 'pi',
      heat: { ambientCelsius: 20, steadyCelsius: 90, seconds: 30, limitCelsius: 80, throttledClock: 0.4 },
      battery: { joules: 100, idleWatts: 1, busyWatts: 3 },
    },
  ],
  sensors: [{ sensor: 'front', quality: 1 }],
  beside: [
    {
      model: 'zoo:alexnet',
      planner: 'all-local',
      turnSeconds: 0.01,
      arrivals: { kind: 'one' },
      priority: -1,
      window: 2,
    },
  ],
  priorities: [0, 5],
  adaptation: { planner: 'all-local', objective: 'throughput', goalSeconds: 0.5 },
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
      turnSeconds: 0.02,
      objective: 'period',
      seed: 7,
    });
    expect(document.pipeline).toEqual({
      arrivals: full.arrivals,
      queue: 2,
      window: 8,
      ordered: true,
      requestTimeoutSeconds: 5,
      priorities: [0, 5],
    });
    expect(document.beside).toEqual([
      {
        model: 'zoo:alexnet',
        plan: null,
        planner: 'all-local',
        turnSeconds: 0.01,
        pipeline: { arrivals: { kind: 'one' }, priority: -1, window: 2 },
      },
    ]);
    const { changes, bodies, sensors, adaptation } = full;
    expect(document).toMatchObject({ changes, bodies, sensors, adaptation });
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
      turnSeconds: null,
      objective: 'latency',
      pipeline: {},
      acknowledgementSeconds: null,
      changes: [],
      beside: [],
      bodies: [],
      sensors: [],
      adaptation: null,
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
      'heat of which nothing is said',
      { model: 'm', bodies: [{ device: 'a', heat: { seconds: 3, limitCelsius: 80 } }] },
      'bodies[0].heat.steadyCelsius is absent',
    ],
    [
      'a command of which it knows nothing',
      { model: 'm', changes: [{ kind: 'command', atSeconds: 0, command: { objective: 'fun' } }] },
      'changes[0].command.objective',
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
