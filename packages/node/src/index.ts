export { type CalibrateFileOptions, calibrateFile } from './calibrate/calibrate-file.ts';
export {
  type CalibrationDataOptions,
  type OpenData,
  openCalibrationData,
} from './calibrate/calibration-data.ts';
export { readTruths } from './calibrate/calibration-labels.ts';
export { type CalibrationJobOptions, withCalibrationJob } from './calibrate/with-calibration-job.ts';
export { thisMachine } from './clock/clock-environment.ts';
export { systemClockName } from './clock/clock-name.ts';
export { CpufreqActuator } from './clock/cpufreq-actuator.ts';
export { MachineActuator } from './clock/machine-actuator.ts';
export { NvpmodelActuator } from './clock/nvpmodel-actuator.ts';
export { type ClockChoice, openClocks, recoverClocks } from './clock/open-clocks.ts';
export { QuotaActuator } from './clock/quota-actuator.ts';
export { systemClock } from './clock/system-clock.ts';
export { readClusterFile } from './cluster/cluster-file.ts';
export { readChaosFile, readMissionFile, readScenarioFile } from './cluster/scenario-file.ts';
export { brotli } from './codec/brotli.ts';
export { createSha256 } from './digest/sha256.ts';
export { coderThread } from './execute/coder-thread.ts';
export { ortExecutor } from './execute/ort-executor.ts';
export {
  type OrtResult,
  type OrtSession,
  type OrtSessionOptions,
  ortSession,
} from './execute/ort-session.ts';
export { type FileSource, openFileSource } from './files/file-source.ts';
export { writeEncoded } from './files/write-encoded.ts';
export { type KnownTensorsOptions, knownTensors } from './graph/known-tensors.ts';
export {
  type Kernel,
  kernels,
  type ModelCard,
  type ModelCardName,
  modelCards,
  type Resize,
} from './input/model-card.ts';
export { generatedPicture, type Picture } from './input/picture.ts';
export type { InputTensor } from './input/picture-tensor.ts';
export { generatedInputs, type InputOptions, readInputs } from './input/read-inputs.ts';
export { readLabels, readModelCard } from './input/read-model-card.ts';
export { fitPicture, type Size } from './input/read-picture.ts';
export { type LabelledClass, topLabels } from './input/top-labels.ts';
export { type FileJournalOptions, fileJournal } from './journal/file-journal.ts';
export { type LoadedModel, loadModel } from './model/load-model.ts';
export type { ZooOptions as ZooReferenceOptions } from './model/zoo-reference.ts';
export { pngOfSvg } from './output/png-of-svg.ts';

export { type ClusterEntries, clusterEntries, clusterYaml, linkEntry } from './probe/device-entry.ts';
export { liveDescription, probeMachine } from './probe/probe-machine.ts';
export {
  type AgentProcess,
  type AgentProcessOptions,
  startAgentProcess,
} from './process/agent-process.ts';
export { type Announcement, announcementLine } from './process/announcement.ts';
export type { AgentExit } from './process/await-announcement.ts';
export { collectEarly } from './process/collect-early.ts';
export { memoryEnvironment } from './process/memory-environment.ts';
export { followParent, type ParentLifeline } from './process/parent-lifeline.ts';
export { allowedCores, type Command, coresOf, pinned } from './process/pin-cores.ts';
export { runtimeVersion } from './profile/device-facts.ts';
export { type ProfileModelOptions, profileModel } from './profile/profile-model.ts';
export { FileSensor } from './sense/file-sensor.ts';
export { MachineSensor } from './sense/machine-sensor.ts';
export { type FolderStoreOptions, folderStore } from './store/folder-store.ts';
export { FaultProxy } from './transport/fault-proxy.ts';
export { sockets } from './transport/sockets.ts';
export { type TcpOptions, tcp } from './transport/tcp.ts';
export { isWebSocketAddress, type WebSocketOptions, webSocket } from './transport/web-socket.ts';
