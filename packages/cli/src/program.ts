import { Command, Option } from 'commander';
import { besideOptions } from './beside/beside-options.ts';
import { dimension, positiveInteger, positiveNumber, range, repeatable, share } from './flag-values.ts';
import type {
  AgentFlags,
  CalibrateFlags,
  CatalogueFlags,
  ChaosFlags,
  CompareFlags,
  DoctorFlags,
  InspectFlags,
  PlanFlags,
  ProbeFlags,
  ProfileFlags,
  ReproduceFlags,
  RunFlags,
  SimulateFlags,
} from './flags.ts';
import { clockSetters } from './flags.ts';
import { createOutput } from './output.ts';

const builtIn = 'zoo:mobilenet-v2';
const modelHelp = 'an ONNX file, or zoo:NAME for a built-in network';
const clusterHelp = 'devices and links, YAML or JSON (default: an emulated weak device and this machine)';
const dimensionHelp = 'size of a dimension that the model leaves open by name; repeat for several';
const profileHelp = 'times measured by `tandem profile`, repeatable: [DEVICE=]FILE';
const exitsHelp =
  'where the model may answer early and what was measured of it (tandem-exits, JSON); spinn uses it';
const calibrationHelp = 'what fewer bits and exits cost, measured by `tandem calibrate` (default: assumed)';
const lossHelp =
  'of the answers that bits and exits may cost (default: the budget of --calibration, else any)';
const cardHelp = 'how pictures become inputs: a preset or a .json file';
const requestsHelp = 'how many requests wait together: what makespan counts, and what memory holds';
const plannerHelp =
  "planners to choose among, comma-separated, or 'all' (default: auto, the best of those that suit the problem)";
const comparedHelp =
  "planners to compare, comma-separated, or 'all' (default: all whose plans leave the answer as it is)";

/**
 * The commands and their options. Each action loads its own code when it is called, so that looking at a model does not load the model
 * runtime. Wrong usage throws CommanderError; a command's own failure throws what it met.
 */
export function createProgram(version: string): Command {
  const program = new Command('tandem')
    .description('Run one neural network across several unequal devices.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(tandem help COMMAND says more)');
  addInspect(program);
  addProfile(program);
  addCalibrate(program);
  addProbe(program);
  addPlan(program);
  addCompare(program);
  addSimulate(program);
  addRun(program);
  addChaos(program);
  addAgent(program);
  addCatalogue(program);
  addReproduce(program);
  addDoctor(program);
  return program;
}

function addInspect(program: Command): void {
  describe(program, 'inspect', 'layers, FLOPs, bytes, cuts, and the size of activations as a chart')
    .argument('<model>', modelHelp)
    .option('--resolution <pixels>', 'height and width of a built-in network', positiveInteger)
    .option('--batch <size>', 'batch size where the model leaves it open', positiveInteger, 1)
    .option('--dimension <name=size>', dimensionHelp, dimension, {})
    .option('--memory', 'memory along the network, and what fits on each device')
    .option('--chart <file>', 'draw both along the network: .svg or .png')
    .option('--cluster <file>', `the devices of --memory: ${clusterHelp}`)
    .action(async (model: string, flags: InspectFlags) => {
      const { inspectCommand } = await import('./inspect/inspect-command.ts');
      await inspectCommand(model, flags, createOutput(flags.json));
    });
}

function addProfile(program: Command): void {
  describe(program, 'profile', 'measure a model on this machine: every node, and both sides of every cut')
    .argument('<model>', modelHelp)
    .option('--dimension <name=size>', dimensionHelp, dimension, {})
    .option('--batch <sizes>', 'batch sizes, comma-separated, where the model leaves it open', '1')
    .option('--threads <counts>', 'thread counts, comma-separated', '1')
    .option(
      '--clock <clocks>',
      'also rows at slower clocks, comma-separated: levels = measured at all that the machine offers; quota:SHARE = measured ' +
        'with that share of the time; pace:SHARE = the measured times divided (no measurement)',
    )
    .option('--passes <count>', 'how often to measure everything, in fresh processes', positiveInteger, 5)
    .option('--device <id>', 'what the cluster file calls this machine', 'server')
    .option('--output <file>', 'where to save (default: named after model, device and runtime)')
    .action(async (model: string, flags: ProfileFlags) => {
      const { profileCommand } = await import('./profile/profile-command.ts');
      await profileCommand(model, flags, createOutput(flags.json));
    });
}

function addCalibrate(program: Command): void {
  describe(program, 'calibrate', 'measure on data what fewer bits and early exits cost a classifier')
    .argument('<model>', modelHelp)
    .requiredOption('--data <path>', 'a folder of pictures or .npy files, or CIFAR binary records')
    .option(
      '--labels <file>',
      "what is right: class indices by line or name, .json, or 'own' for those of the records (default: agreement with the whole model)",
    )
    .option('--card <card>', cardHelp, 'imagenet-torchvision')
    .option('--cuts <names>', 'tensors to cut at, comma-separated; a+b = both cross', 'single')
    .option('--budget <share>', 'of the answers that fewer bits and exits may cost together', share, 0.005)
    .option('--range <from:to>', 'use only these samples, in the order of the data', range)
    .option('--samples <count>', 'use at most so many, evenly spread', positiveInteger)
    .option('--threads <count>', 'samples on their way at once (default: one a core)', positiveInteger)
    .option('--dimension <name=size>', dimensionHelp, dimension, {})
    .option('--output <file>', 'where to save (default: named after the model)')
    .action(async (model: string, flags: CalibrateFlags) => {
      const { calibrateCommand } = await import('./calibrate/calibrate-command.ts');
      await calibrateCommand(model, flags, createOutput(flags.json));
    });
}

function addProbe(program: Command): void {
  describe(program, 'probe', 'what machines are, how fast they and their links are, for a cluster file')
    .option('--threads <counts>', 'thread counts to measure, comma-separated (default: one, and all cores)')
    .option('--device <id>', 'what the cluster file is to call this machine', 'here')
    .option(
      '--agent <address>',
      '[DEVICE=]HOST:PORT, or ws://HOST:PORT, of a running agent; repeatable',
      repeatable,
      [],
    )
    .option('--token <file>', 'shared secret of these agents')
    .option('--output <file>', 'save the entries of a cluster file')
    .action(async (flags: ProbeFlags) => {
      const { probeCommand } = await import('./probe/probe-command.ts');
      await probeCommand(flags, createOutput(flags.json));
    });
}

function addPlan(program: Command): void {
  planning(
    describe(program, 'plan', 'choose where to cut and place a model, and say what it will cost and why'),
    plannerHelp,
  )
    .option('--output <file>', 'save the plan')
    .option('--chart <file>', 'draw one request as a Gantt chart: .svg or .png')
    .action(async (model: string, flags: PlanFlags) => {
      const { planCommand } = await import('./plan/plan-command.ts');
      await planCommand(model, flags, createOutput(flags.json));
    });
}

function addCompare(program: Command): void {
  planning(
    describe(
      program,
      'compare',
      'what every planner comes to: one table, the best of each figure, the front',
    ),
    comparedHelp,
  )
    .option('--csv <file>', 'save the table as CSV; - prints it instead')
    .option('--chart <file>', 'draw latency against period, with their front: .svg or .png')
    .action(async (model: string, flags: CompareFlags) => {
      const { compareCommand } = await import('./compare/compare-command.ts');
      await compareCommand(model, flags, createOutput(flags.json));
    });
}

function addSimulate(program: Command): void {
  describe(
    program,
    'simulate',
    'what many requests would come to under a plan: latencies, pace, queues, energy',
  )
    .argument('<file>', 'a scenario, YAML or JSON: model, cluster, planner or plan, arrivals, changes')
    .option('--both', 'also run them, on agents started here or joined, and show both side by side')
    .option('--token <file>', 'with --both: shared secret of agents that run elsewhere')
    .option('--trace <file>', 'save every simulated event as JSON Lines')
    .option('--perfetto <file>', 'save them for ui.perfetto.dev or chrome://tracing')
    .action(async (file: string, flags: SimulateFlags) => {
      const { simulateCommand } = await import('./simulate/simulate-command.ts');
      await simulateCommand(file, flags, createOutput(flags.json));
    });
}

function addRun(program: Command): void {
  const command = planning(
    describe(
      program,
      'run',
      'plan, start or join the agents, run one request or --requests many, compare with the whole model',
    ),
    plannerHelp,
  );
  frameOptions(besideOptions(command))
    .option('--input <name=file>', 'picture, .npy or .bin (default: a generated picture)', repeatable, [])
    .option('--card <card>', cardHelp, 'imagenet-torchvision')
    .option('--labels <file>', 'class names, one a line')
    .option('--plan <file>', 'run this saved plan; refused when it was made for another problem')
    .option('--token <file>', 'shared secret of agents that run elsewhere')
    .addOption(
      new Option('--transport <name>', 'what agents started here speak')
        .choices(['tcp', 'websocket'])
        .default('tcp'),
    )
    .option(
      '--centres <file>',
      'with --stream or --requests and --calibration: go on from what was learned about labels, and save it',
    )
    .option(
      '--lossless',
      'compress what crosses (brotli) where that makes it smaller; the answer stays as it is',
    )
    .option('--pin', 'give each agent started here processors of its own, one a thread (taskset)')
    .option(
      '--rate <number>',
      'with --requests or --stream: so many arrive a second (default: the next when there is room)',
      positiveNumber,
    )
    .option(
      '--window <count>',
      'with --requests or --stream: in flight at once (default: 32)',
      positiveInteger,
    )
    .option('--unordered', 'with --requests: take answers as they come')
    .option('--repair', 'with --requests: go on with the devices that remain when one is lost')
    .option(
      '--standby',
      'with --repair: copy what crosses between stages to the gateway, and load stages on a second device where memory allows; without --plan, plan for two fifths of the memory',
    )
    .option(
      '--adapt',
      'with --requests or --stream: leave the plan for another where links or devices turn out otherwise than planned; with --calibration what requests decide goes with the plan',
    )
    .option(
      '--sensors <folder>',
      'with --adapt: agents started here read DEVICE.json in it once a second, as `agent --sensors` does',
    )
    .option(
      '--mission <file>',
      'with --adapt: objective, deadlineSeconds, mostAccuracyLoss, leastPriority; may be written anew while it runs',
    )
    .option(
      '--journal <file>',
      'with --requests: write down what is accepted and how it ends; the same command goes on from there if it was killed',
    )
    .option('--both', 'with --requests: also simulate them, and show both side by side')
    .option('--trace <file>', 'with --requests or --stream: save what happened as JSON Lines')
    .option('--perfetto <file>', 'with --requests or --stream: save what happened for ui.perfetto.dev')
    .addOption(optimisation())
    .option('--timeout <seconds>', 'deadline of the request', positiveInteger, 60)
    .action(async (model: string, flags: RunFlags) => {
      const { runCommand } = await import('./run/run-command.ts');
      await runCommand(model, flags, createOutput(flags.json));
    });
}

function frameOptions(command: Command): Command {
  return command
    .option(
      '--stream <data>',
      'run each of the pictures or .npy files of a folder, or of a file of CIFAR records, in their order instead',
    )
    .addOption(
      new Option(
        '--order <order>',
        'with --stream: frames as named, runs of 20 in any order, or any order',
      ).choices(['ordered', 'runs', 'shuffled']),
    )
    .option('--range <from:to>', 'with --stream: only these frames, in the order of the data', range)
    .option('--full', 'with --stream: ask the whole model about each frame afterwards, and count agreement');
}

function addChaos(program: Command): void {
  describe(
    program,
    'chaos',
    'kill, freeze, cut off, slow down and corrupt agents while they answer, and count',
  )
    .argument('<file>', 'a scenario, YAML or JSON: model, devices, requests, faults (examples/chaos.json)')
    .option('--seed <number>', "instead of the scenario's", positiveInteger)
    .action(async (file: string, flags: ChaosFlags) => {
      const { chaosCommand } = await import('./chaos/chaos-command.ts');
      await chaosCommand(file, flags, createOutput(flags.json));
    });
}

function addAgent(program: Command): void {
  describe(program, 'agent', 'offer this machine as a device: listen, load segments, execute them')
    .option(
      '--listen <address>',
      'where to listen: HOST:PORT for TCP, ws://HOST:PORT for WebSocket; port 0 takes a free one',
      '127.0.0.1:7411',
    )
    .option('--token <file>', 'shared secret that gateways and other agents present')
    .option('--store <folder>', 'keep segments here between runs (default: a temporary folder)')
    .addOption(
      new Option(
        '--clocks [by]',
        'let plans set the clock of this machine, as root, by its levels, the power modes of a Jetson, or a quota of processor time (default: the first that it has); given back when the gateway leaves',
      )
        .choices(['any', ...clockSetters])
        .preset('any'),
    )
    .option(
      '--sensors <file>',
      'temperature, throttling, battery and clock from this JSON file, looked at every second (default: from this machine)',
    )
    .option('--parent', 'started by another tandem: take the token from standard input and end with it')
    .action(async (flags: AgentFlags) => {
      const { agentCommand } = await import('./agent/agent-command.ts');
      await agentCommand(flags, createOutput(flags.json));
    });
}

function addCatalogue(program: Command): void {
  describe(
    program,
    'catalogue',
    'devices and links that a cluster file can name, and where their figures come from',
  )
    .argument('[name]', 'a device or link: every figure with its source')
    .action(async (name: string | undefined, flags: CatalogueFlags) => {
      const { catalogueCommand } = await import('./catalogue/catalogue-command.ts');
      catalogueCommand(name, createOutput(flags.json));
    });
}

function addReproduce(program: Command): void {
  describe(
    program,
    'reproduce',
    'check a published claim: what the paper prints, what comes out here, the verdict',
  )
    .argument('[id]', 'a claim, all, or list', 'list')
    .option('--page <file>', 'also write what came out as Markdown')
    .option('--chart <file>', 'draw what one claim came to: .svg or .png')
    .action(async (id: string, flags: ReproduceFlags) => {
      const { reproduceCommand } = await import('./reproduce/reproduce-command.ts');
      await reproduceCommand(id, flags, createOutput(flags.json));
    });
}

function addDoctor(program: Command): void {
  describe(program, 'doctor', 'what this machine can and cannot do, and how to mend it').action(
    async (flags: DoctorFlags) => {
      const { doctorCommand } = await import('./doctor/doctor-command.ts');
      await doctorCommand(createOutput(flags.json));
    },
  );
}

function describe(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).option('--json', 'print one JSON object');
}

function objective(): Option {
  const help =
    'what the plan is to make small: one request, the pace of a stream, --requests in all, joules of a request';
  return new Option('--objective <name>', help)
    .choices(['latency', 'period', 'makespan', 'energy'])
    .default('latency');
}

/** The model, what makes a problem of it, and who is to plan it. */
function planning(command: Command, planners: string): Command {
  return command
    .argument('[model]', modelHelp, builtIn)
    .option('--cluster <file>', clusterHelp)
    .option('--profile <file>', profileHelp, repeatable, [])
    .option('--calibration <file>', calibrationHelp)
    .option('--accuracy-loss <share>', lossHelp, share)
    .option('--dimension <name=size>', dimensionHelp, dimension, {})
    .addOption(objective())
    .option('--requests <count>', requestsHelp, positiveInteger, 1)
    .option('--exits <file>', exitsHelp)
    .option('--planner <names>', planners);
}

function optimisation(): Option {
  const help = 'all: full speed; basic: the answer equals the whole model bit for bit';
  return new Option('--optimisation <level>', help).choices(['all', 'basic']).default('all');
}
