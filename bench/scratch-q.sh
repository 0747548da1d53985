cd /tmp/wt/perf5/bench
run() { echo "== $1"; shift; env "$@" npx tsx scratch-dp.ts 127.0.0.1:0 raw ${N:-40} 2>&1 | grep -E '^(request|hop|minflt|Error)'; }
uptime
run base X=1
run malloc MALLOC_TRIM_THRESHOLD_=67108864 MALLOC_MMAP_THRESHOLD_=131072
run malloc2 MALLOC_TRIM_THRESHOLD_=67108864 MALLOC_MMAP_THRESHOLD_=33554432
run both MALLOC_TRIM_THRESHOLD_=67108864 MALLOC_MMAP_THRESHOLD_=33554432 NODE_OPTIONS=--max-semi-space-size=16
