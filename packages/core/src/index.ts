export {
  type CountedLoss,
  countLoss,
  isRefuted,
  type JudgedAnswers,
} from './calibrate/answer-losses.ts';
export type { BitsThreshold } from './calibrate/bits-thresholds.ts';
export {
  type CalibrationOptions,
  calibrateOnline,
  type OnlineThresholds,
} from './calibrate/calibrate-online.ts';
export { type CalibrationSample, heldOutSamples, type Label } from './calibrate/calibration-sample.ts';
export { type CrossingBits, crossingBits, crossingCodec, isResolvable } from './calibrate/crossing-bits.ts';
export type { PrefixRule } from './calibrate/exit-threshold.ts';
export { type HeadAnswers, type HeadSetting, headSettings } from './calibrate/head-settings.ts';
export { type JointCosts, jointBits } from './calibrate/joint-bits.ts';
export { minBits } from './calibrate/min-bits.ts';
export {
  alikeBits,
  type MeasuredAnswers,
  type NextMeasurement,
  nextMeasurement,
} from './calibrate/next-measurement.ts';
export { type CrossingTensor, type CutBits, cutBitsKey, cutBitsOf } from './calibrate/search-cut.ts';
export { mayLeave, type SentBits, sentBits } from './calibrate/sent-bits.ts';
export { type Interval, wilsonInterval } from './calibrate/wilson-interval.ts';
export * from './clock.ts';
export type { CatalogueDevice, CatalogueFigures } from './cluster/catalogue/catalogue-device.ts';
export { catalogueDevices } from './cluster/catalogue/catalogue-devices.ts';
export { type CatalogueLink, catalogueLinks } from './cluster/catalogue/catalogue-links.ts';
export {
  type CatalogueEntry,
  catalogueDevice,
  catalogueEntry,
  catalogueLink,
} from './cluster/catalogue/find-in-catalogue.ts';
export type { Evidence, Sourced } from './cluster/catalogue/sourced.ts';
export * from './cluster/cluster.ts';
export type { DocumentPath, DocumentPlace } from './cluster/document-faults.ts';
export { exampleCluster } from './cluster/example-cluster.ts';
export * from './cluster/hardware.ts';
export { parseCluster } from './cluster/parse-cluster.ts';
export { parseTrace } from './cluster/parse-trace.ts';
export * from './cluster/rate.ts';
export { rateAt } from './cluster/rate-at.ts';
export type { ReadTrace } from './cluster/trace-shelf.ts';
export { transferSeconds } from './cluster/transfer-seconds.ts';
export { type ActivationCoder, plainCoder } from './codec/activation-coder.ts';
export { encodedActivationBytes } from './codec/activation-layout.ts';
export type { RawReason } from './codec/activation-prefix.ts';
export * from './codec/codec.ts';
export { type DecodeOptions, decodeActivation } from './codec/decode-activation.ts';
export { type EncodedActivation, type EncodeOptions, encodeActivation } from './codec/encode-activation.ts';
export { halfToNumber, toFloat16 } from './codec/float16.ts';
export { type LosslessCoder, withLossless } from './codec/lossless.ts';
export { fastestCoder, simdCoder } from './codec/simd-coder.ts';
export type { ValueRange } from './codec/value-range.ts';
export type { Bubbles } from './cost/bubbles.ts';
export { clusterBeside } from './cost/cluster-beside.ts';
export {
  type ComputeTable,
  type CostTables,
  computeTable,
  costTables,
  occupiedSeconds,
  type TransferCoefficients,
  type TransferTable,
  transferTable,
} from './cost/cost-tables.ts';
export { type DeviceMemory, deviceMemory } from './cost/device-memory.ts';
export type { DeviceEnergy } from './cost/energy.ts';
export { createEvaluator, type Evaluator, evaluate } from './cost/evaluate.ts';
export { compareByObjective, type Figures, objectiveFigure, objectiveValue } from './cost/objective-value.ts';
export { partInTurns } from './cost/part-in-turns.ts';
export * from './cost/report.ts';
export { togetherSeconds } from './cost/together-seconds.ts';
export { TwoStageObjective, type TwoStagePair } from './cost/two-stage-objective.ts';
export { withThreads } from './cost/with-threads.ts';
export * from './digest.ts';
export * from './errors.ts';
export { allCuts } from './graph/all-cuts.ts';
export { batchableNodes } from './graph/batchable-nodes.ts';
export { type Binding, inputsOf, type KnownTensor } from './graph/bind-inputs.ts';
export { bindModel, isBound } from './graph/bind-model.ts';
export { isConvex, quotientIsAcyclic } from './graph/convexity.ts';
export { cutOf, prefixCuts } from './graph/cut.ts';
export { cutAt } from './graph/cut-at.ts';
export { type Element, elements, flattenElements } from './graph/elements.ts';
export * from './graph/graph.ts';
export { type GraphOptions, graphOf } from './graph/graph-of.ts';
export { peakActivation } from './graph/peak-activation.ts';
export { type RandomCutOptions, randomCut } from './graph/random-cut.ts';
export * from './graph/random-graph.ts';
export { singleTensorCuts } from './graph/single-tensor-cuts.ts';
export { mostActivation } from './graph/stage-activation.ts';
export { parameterBytesOf, type StageBoundary, stageBoundary } from './graph/stage-boundary.ts';
export { validateGraph } from './graph/validate-graph.ts';
export * from './metrics/metrics.ts';
export { type MetricsOptions, metricsOf, TraceMeter } from './metrics/metrics-of.ts';
export {
  type DevicePower,
  type LinkPower,
  type PowerFigures,
  powerFigures,
} from './metrics/power-figures.ts';
export {
  floatAttribute,
  floatsAttribute,
  graphAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  stringsAttribute,
  subgraphs,
  tensorAttribute,
} from './onnx/attributes.ts';
export * from './onnx/build.ts';
export { bufferSource, rangeOf, readRange } from './onnx/byte-source.ts';
export { dependence, initializerNames, modelInputs, type NodeDependence } from './onnx/dependence.ts';
export { byteCount, elementCount } from './onnx/element-count.ts';
export { type EncodedModel, encodedBytes, encodedChunks, encodeModel } from './onnx/encode-model.ts';
export { type ExternaliseOptions, externaliseWeights, resolveExternal } from './onnx/external-data.ts';
export { type ExtractBetweenOptions, extractBetween } from './onnx/extract-between.ts';
export { type ExtractNodesOptions, extractNodes } from './onnx/extract-nodes.ts';
export * from './onnx/model.ts';
export { defaultOperatorSet, readModel } from './onnx/read-model.ts';
export { tensorBytes } from './onnx/tensor-bytes.ts';
export { tensorIntegers } from './onnx/tensor-integers.ts';
export { tensorProto } from './onnx/tensor-proto.ts';
export { validateModel } from './onnx/validate-model.ts';
export {
  type Accuracy,
  type AccuracyRow,
  type ChosenBits,
  chosenLoss,
  codecLoss,
  measuredLoss,
} from './plan/accuracy.ts';
export { hasBatches } from './plan/batch-faults.ts';
export { calibratedOptions } from './plan/calibration/calibrated-options.ts';
export {
  type CalibratedCut,
  type CalibratedHead,
  type CalibratedHeads,
  type Calibration,
  type CalibrationData,
  type CutLoss,
  writeCalibration,
} from './plan/calibration/calibration.ts';
export { readCalibration } from './plan/calibration/read-calibration.ts';
export type { BitsChoice, Pace } from './plan/choose-bits.ts';
export { compressedPlan } from './plan/compressed-plan.ts';
export { type CutTensors, cutTensors } from './plan/cut-tensors.ts';
export { checkExitTable, type ExitHead, type ExitTable, exitOrder } from './plan/exit-table.ts';
export { highestHertz } from './plan/frequency.ts';
export { mixedPlan } from './plan/mix.ts';
export { partAtExits } from './plan/part-at-exits.ts';
export { partForOverlap } from './plan/part-for-overlap.ts';
export * from './plan/plan.ts';
export { type PlanOptions, planOf } from './plan/plan-of.ts';
export { type PlanWays, planWays } from './plan/plan-ways.ts';
export * from './plan/policies.ts';
export { policiesDigest } from './plan/policies-digest.ts';
export * from './plan/problem.ts';
export { problemDigest } from './plan/problem-digest.ts';
export { type ProblemOptions, problemOf } from './plan/problem-of.ts';
export { randomExits } from './plan/random-exits.ts';
export { type RandomProblemOptions, randomProblem } from './plan/random-problem.ts';
export { readExitTable } from './plan/read-exit-table.ts';
export { readPlan } from './plan/read-plan.ts';
export { stageNumbers } from './plan/stage-numbers.ts';
export { stagesOfDevices } from './plan/stages-of-devices.ts';
export {
  type PictureCodec,
  type TransferCodec,
  transferBytes,
  transferCodecName,
} from './plan/transfer-codec.ts';
export { transfersOf } from './plan/transfers-of.ts';
export { validatePlan } from './plan/validate-plan.ts';
export { planFormatVersion, writePlan } from './plan/write-plan.ts';
export type { ChooseContext, PlannerOutcome, Unsupported } from './planner/ask.ts';
export { bestSplit, type PricedSplit } from './planner/best-split.ts';
export { type Choice, choose } from './planner/choose.ts';
export { type BlockScoring, searchBlock } from './planner/coach/block-search.ts';
export { calibratedPolicies, runsAlone } from './planner/coach/calibrated-policies.ts';
export { type CoachForm, coachScore } from './planner/coach/coach-score.ts';
export { type JointEffort, type OuterSearch, plannersEffort } from './planner/coinfer/best-joint.ts';
export { coinferFleet } from './planner/coinfer/coinfer-fleet.ts';
export { JointProblem } from './planner/coinfer/joint-problem.ts';
export { type StagesLeft, type SuffixCut, SuffixCuts } from './planner/coinfer/suffix-cuts.ts';
export {
  type Progress,
  type RunningPlan,
  type SuffixRuns,
  SuffixSearch,
  type UnitRun,
} from './planner/coinfer/suffix-search.ts';
export {
  type ComparedPlanner,
  type Comparison,
  comparePlanners,
  type FrontFigure,
} from './planner/compare-planners.ts';
export {
  PartitionNetwork,
  type PartitionOptions,
  type Weights as PartitionWeights,
} from './planner/dads/partition-network.ts';
export { gapOver } from './planner/gap.ts';
export { isSplit, placementText, valueText } from './planner/placement-text.ts';
export * from './planner/planner.ts';
export { losslessPlannerNames, type PlannerName, plannerNames, planners } from './planner/planners.ts';
export { proportionalSplit, type Share } from './planner/proportional-split.ts';
export { type SplitRange, splitRange } from './planner/split-range.ts';
export { nodeRanges, nodesInRanges } from './profile/node-ranges.ts';
export { nodeSeconds, type SourcedSeconds } from './profile/node-seconds.ts';
export { pacedRows } from './profile/paced-rows.ts';
export { featureNames, featuresOf, kindwiseRoofline } from './profile/predict/features.ts';
export type { TimedLayer } from './profile/predict/layer-base.ts';
export type { PlacedLayer } from './profile/predict/layer-features.ts';
export {
  fitLayerPredictor,
  type LayerPredictor,
  type LayerPredictorOptions,
  type TimedLayers,
} from './profile/predict/layer-predictor.ts';
export { type LayerClass, type LayerShape, layerShapes } from './profile/predict/layer-shapes.ts';
export { predictableTraits, predictedProfile } from './profile/predict/predicted-profile.ts';
export type { Predictor } from './profile/predict/predictor.ts';
export { type PredictorName, predictors } from './profile/predict/predictors.ts';
export {
  type KindWork,
  type LayerKind,
  type LayerWork,
  layerKinds,
  type SegmentWork,
  segmentWork,
  workOfLayers,
} from './profile/predict/segment-work.ts';
export { shippedPredictor } from './profile/predict/shipped-predictor.ts';
export {
  type DeviceTraits,
  deviceTraits,
  type PlacedSegment,
  type TimedSegment,
} from './profile/predict/timed-segment.ts';
export {
  fitTrainedPredictor,
  type HeldOutErrors,
  type Provenance,
  type ShippedPredictor,
  type TrainedPredictor,
  trainedSeconds,
} from './profile/predict/trained-predictor.ts';
export * from './profile/profile.ts';
export * from './profile/profile-file.ts';
export { profileFor } from './profile/profile-for.ts';
export { readProfile } from './profile/read-profile.ts';
export { quantile, rmsLogRatio } from './profile/repeatability.ts';
export { stageP99 } from './profile/stage-p99.ts';
export { type StageSeconds, stageSeconds } from './profile/stage-seconds.ts';
export * from './random.ts';
export * from './schedule/agent-event.ts';
export * from './schedule/agent-plan.ts';
export * from './schedule/agent-snapshot.ts';
export {
  type AgentState,
  type AgentStateLimits,
  type AgentStep,
  initialAgentState,
  type PlanState,
} from './schedule/agent-state.ts';
export { deployRefusal, stepAgent } from './schedule/agent-step.ts';
export type { DynamicsAction } from './schedule/dynamics/dynamics-action.ts';
export type { DynamicsEvent, MissionCommand } from './schedule/dynamics/dynamics-event.ts';
export { type DynamicsSettings, initialDynamics } from './schedule/dynamics/dynamics-state.ts';
export { type Mission, missionCommand, parseMission } from './schedule/dynamics/mission-document.ts';
export { stepDynamics } from './schedule/dynamics/step-dynamics.ts';
export * from './schedule/gateway-event.ts';
export * from './schedule/gateway-plan.ts';
export { type GatewayState, type GatewayStep, initialGatewayState } from './schedule/gateway-state.ts';
export { stepGateway } from './schedule/gateway-step.ts';
export {
  type BandwidthEstimate,
  expectedBitsPerSecond,
  withTransfer,
} from './schedule/online/bandwidth-estimate.ts';
export { CentreComparison, type Similarity } from './schedule/online/centre-comparison.ts';
export { type ComparedAlone, comparedAlone } from './schedule/online/compared-alone.ts';
export { ConfidenceHead, type LinearHead } from './schedule/online/confidence-head.ts';
export type { Decider, KnownCentres, OnlineDecision } from './schedule/online/decider.ts';
export { type CentreLimits, LabelCentres } from './schedule/online/label-centres.ts';
export { OnlineDecisions, type OnlineOptions } from './schedule/online/online-decisions.ts';
export type { PendingRequest } from './schedule/online/pending-features.ts';
export {
  type FeatureLayout,
  featureLayout,
  featureSize,
  hasFeature,
  poolFeature,
} from './schedule/online/pooled-feature.ts';
export { readCentres, type SavedCentres, saveCentres } from './schedule/online/saved-centres.ts';
export * from './schedule/recording.ts';
export {
  initialLiveness,
  type Liveness,
  type LivenessAction,
  type LivenessEvent,
  type LivenessLimits,
  livenessLimits,
  stepLiveness,
} from './schedule/repair/liveness.ts';
export {
  initialProbation,
  isReliable,
  type Probation,
  probationSeconds,
  redialSeconds,
  stepProbation,
} from './schedule/repair/probation.ts';
export { type Reassignment, reassigned } from './schedule/repair/reassigned.ts';
export { type Breakpoint, type StageTensors, stagesToRun } from './schedule/repair/stages-to-run.ts';
export { type Replay, replay } from './schedule/replay.ts';
export { queueFor, type ScheduleDefaults, scheduleDefaults } from './schedule/schedule-defaults.ts';
export { covers, replicaShares, sharedAmong, type TicketShare } from './schedule/ticket-share.ts';
export { assignChain } from './search/chain/assign-chain.ts';
export {
  type ChainAssignment,
  type ChainProblem,
  type ChainRun,
  longestTime,
} from './search/chain/chain-problem.ts';
export { type Distribution, distributionOf } from './search/distribution.ts';
export type { FlowNetwork } from './search/flow/flow-network.ts';
export { cutCapacity, type MaximumFlow, maximumFlow } from './search/flow/maximum-flow.ts';
export { flowShopMakespan, johnsonOrder, type TwoStepJob } from './search/flow-shop.ts';
export {
  type BoostedTrees,
  type BoostingOptions,
  boostedValue,
  fitBoostedTrees,
} from './search/gradient-boosting.ts';
export { type CheapestOptions, type CheapestPath, cheapestPath } from './search/layers/cheapest-path.ts';
export { type DepthFirstOptions, depthFirstPath } from './search/layers/depth-first-path.ts';
export { type FrontOptions, type LayeredFront, layeredFront } from './search/layers/layered-front.ts';
export {
  type LayeredPath,
  type LayeredProblem,
  pathCosts,
  scalarised,
} from './search/layers/layered-problem.ts';
export { type LeastSquaresOptions, leastSquares } from './search/least-squares.ts';
export { type CostPair, lowerLeftHull } from './search/lower-left-hull.ts';
export { editDistance } from './search/nearest-word.ts';
export { type AnnealingOptions, annealingSearch } from './search/optimise/annealing-search.ts';
export { type GeneticOptions, geneticSearch } from './search/optimise/genetic-search.ts';
export { type LocalOptions, localSearch } from './search/optimise/local-search.ts';
export { minimise, minimisePaced, type Optimiser, type Optimum } from './search/optimise/optimiser.ts';
export { type ParzenOptions, parzenSearch } from './search/optimise/parzen/parzen-search.ts';
export { type QuantumOptions, quantumSearch } from './search/optimise/quantum-search.ts';
export { randomSearch, type SearchOptions } from './search/optimise/random-search.ts';
export type { Dimension, Point, Space } from './search/optimise/space.ts';
export { type PacedSearch, runPacedSearch, runSearch } from './search/paced-search.ts';
export { paretoFront } from './search/pareto-front.ts';
export {
  type ForestOptions,
  fitRandomForest,
  forestValue,
  type RandomForest,
} from './search/random-forest.ts';
export type { RegressionTree, Samples } from './search/regression-tree.ts';
export { type ClassifiedRows, softmaxAnswer, softmaxRegression } from './search/softmax-regression.ts';
export { adaptiveScenario } from './simulate/adaptive-scenario.ts';
export { pipelineArrivals } from './simulate/arrival-times.ts';
export * from './simulate/chaos-document.ts';
export { type EnvelopeGrid, envelopeGrid, planEnvelope } from './simulate/plan-envelope.ts';
export { planOptionOf } from './simulate/plan-option-of.ts';
export { chainScenario, numberedScenario } from './simulate/random-scenario.ts';
export * from './simulate/scenario.ts';
export { type BesideModel, parseScenario, type ScenarioDocument } from './simulate/scenario-document.ts';
export { type PipelineOptions, pipelineOf, scenarioOf } from './simulate/scenario-of.ts';
export { servingFault } from './simulate/serving-fault.ts';
export { simulate, traceHeader } from './simulate/simulate.ts';
export {
  pacedScenario,
  runScenario,
  type SimulationEnd,
  type SimulationOptions,
} from './simulate/simulation.ts';
export type { Recorder } from './simulate/simulation-context.ts';
export type { HookedCarriage, HookedTransfer, SimulationHooks } from './simulate/simulation-hooks.ts';
export { type PerfettoEvent, type PerfettoTrace, perfettoTrace } from './trace/perfetto.ts';
export { readTrace } from './trace/read-trace.ts';
export * from './trace/trace.ts';
export { traceLines } from './trace/trace-lines.ts';
export * from './units.ts';
export { type PublishedNetwork, published, type ZooName } from './zoo/published.ts';
export { isZooName, type ZooOptions, zooModel, zooNames } from './zoo/zoo.ts';
