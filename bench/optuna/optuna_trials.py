"""Lets Optuna's TPE sampler minimise what the bench gives to ours, with its own settings, and says how long a trial took it.

The objective is the sum of 1 / x + x * x over coordinates from 0.5 to 1. The first line of output is Optuna's version. Then a line of JSON
{"seed": …, "trials": …, "warm": [[…], …]} is answered by a line {"seconds": median of a trial after the warm ones, "value": the least value}.
A trial's time runs from one call of the objective to the next, so it holds all of the sampler's and the study's work, in memory.
"""

import json
import statistics
import sys
import time

import optuna


def run(seed, trials, warm):
    begins = []

    def objective(trial):
        begins.append(time.perf_counter())
        return sum(1 / x + x * x for x in [trial.suggest_float(f"x{axis}", 0.5, 1) for axis in range(len(warm[0]))])

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    for point in warm:
        study.enqueue_trial({f"x{axis}": value for axis, value in enumerate(point)})
    study.optimize(objective, n_trials=trials)
    times = [after - before for before, after in zip(begins[len(warm) :], begins[len(warm) + 1 :])]
    return {"seconds": statistics.median(times), "value": study.best_value}


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(optuna.__version__, flush=True)
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)


main()
