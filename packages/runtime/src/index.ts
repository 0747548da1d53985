export * from './actuate/actuator.ts';
export { Pace } from './actuate/pace.ts';
export { type AdapterOptions, type AdaptiveChoice, GatewayAdapter } from './adapt/gateway-adapter.ts';
export { type Agent, startAgent } from './agent/agent.ts';
export { type AgentLimits, type AgentOptions, defaultAgentLimits } from './agent/agent-options.ts';
export { type CalibrateOptions, calibrateModel } from './calibrate/calibrate-model.ts';
export type {
  CalibrationJob,
  CalibrationRow,
  SampleSource,
  SegmentShelf,
} from './calibrate/calibration-job.ts';
export type { CalibrationProgress } from './calibrate/measure-cuts.ts';
export { recordCuts } from './calibrate/record-cuts.ts';
export * from './conformance.ts';
export { coderConformance } from './execute/coder-conformance.ts';
export { compareOutputs, type OutputDifference } from './execute/compare-outputs.ts';
export { type ExecutorSetup, executorConformance, sameTensors } from './execute/conformance.ts';
export * from './execute/executor.ts';
export * from './execute/null-executor.ts';
export * from './execute/paced-executor.ts';
export * from './execute/required-inputs.ts';
export * from './execute/run-in-sequence.ts';
export * from './execute/tensor-bytes.ts';
export * from './execute/tensor-coder.ts';
export { tensorNumbers } from './execute/tensor-numbers.ts';
export type { StreamItem, StreamOptions, StreamResult } from './gateway/answer-stream.ts';
export {
  type DecidedCut,
  type DecisionsOptions,
  decisionsOf,
  type PlannedDecisions,
} from './gateway/decisions-of.ts';
export type { DeployOptions } from './gateway/deploy-options.ts';
export * from './gateway/deployed-decision.ts';
export type { LoadedStage } from './gateway/deployer.ts';
export * from './gateway/deployment.ts';
export { checkDeployment } from './gateway/deployment-check.ts';
export { type DeploymentOptions, deploymentOf } from './gateway/deployment-of.ts';
export type { DeviceClock } from './gateway/device-clocks.ts';
export { connectGateway, type Gateway, type RequestOptions } from './gateway/gateway.ts';
export { defaultGatewayLimits, type GatewayLimits, type GatewayOptions } from './gateway/gateway-options.ts';
export type { JoinedAgent } from './gateway/joined-agent.ts';
export type { Journal, JournalEntry, JournalOutcome } from './gateway/journal.ts';
export {
  type JournaledGateway,
  type JournaledItem,
  type JournaledOptions,
  JournaledRequests,
  type JournaledResult,
  type JournaledStreamResult,
} from './gateway/journaled-requests.ts';
export type { Learned } from './gateway/learned.ts';
export { mergedDeployment } from './gateway/merged-deployment.ts';
export type { Answer, Exit, StageTiming, TransferTiming } from './gateway/pending-request.ts';
export { pipelineConformance } from './gateway/pipeline-conformance.ts';
export type { PipelineSetup, SmallPlan, SmallStage } from './gateway/pipeline-harness.ts';
export { type PlannedClock, plannedClocks } from './gateway/planned-clocks.ts';
export { priorityConformance } from './gateway/priority-conformance.ts';
export type { Repairer } from './gateway/repaired-deployment.ts';
export { repairerOf } from './gateway/repairer-of.ts';
export type { SegmentProgress } from './gateway/send-segments.ts';
export { streamConformance } from './gateway/stream-conformance.ts';
export { type SwitchOverOptions, switchOver } from './gateway/switch-over.ts';
export type { TraceFeed, TraceSubject } from './gateway/trace-collector.ts';
export * from './probe/device-description.ts';
export { type LinkMeasurement, probeLimits } from './probe/link-measurement.ts';
export { askDescription, askLink, measureLinkTo, type VisitOptions } from './probe/visit.ts';
export { type StoreSetup, storeConformance } from './segment/conformance.ts';
export * from './segment/manifest.ts';
export { type MemoryStoreOptions, memoryStore } from './segment/memory-store.ts';
export { PartCheck } from './segment/receiving.ts';
export * from './segment/segment.ts';
export {
  type SegmentOptions,
  type SegmentPart,
  segmentParts,
  segmentSources,
  segmentsByDigest,
} from './segment/segment-sources.ts';
export type { DeviceSensor, SensorReading } from './sense/device-sensor.ts';
export { SpareBuffers } from './spare-buffers.ts';
export { type TransportSetup, transportConformance } from './transport/conformance.ts';
export { closedError, FrameQueue, lostError, tooLong } from './transport/frame-queue.ts';
export { type Impairment, impair } from './transport/impair.ts';
export { type MemoryTransportOptions, memoryTransport } from './transport/memory.ts';
export * from './transport/transport.ts';
export { Turns } from './turns.ts';
export { WaitingList } from './waiting-list.ts';
export * from './wire/message.ts';
export { decodeMessage, encodeMessage } from './wire/message-codec.ts';
export { onAbort } from './wire/on-abort.ts';
export * from './wire/protocol.ts';
export { readingOf } from './wire/sensed-schema.ts';
