"""Times networkx's minimum cut of one network, graph building included, with each of its algorithms.

Reads { "vertices", "source", "sink", "tails", "heads", "capacities", "rounds" } from standard input, a capacity of null being
unlimited; writes { "version", "algorithms": [{ "name", "seconds": [a round], "value" }] }.
"""

import json
import sys
import time

import networkx
from networkx.algorithms import flow


def built(problem):
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(problem["vertices"]))
    for tail, head, capacity in zip(problem["tails"], problem["heads"], problem["capacities"]):
        if graph.has_edge(tail, head):
            known = graph[tail][head]
            if "capacity" in known:
                if capacity is None:
                    del known["capacity"]
                else:
                    known["capacity"] += capacity
        elif capacity is None:
            graph.add_edge(tail, head)
        else:
            graph.add_edge(tail, head, capacity=capacity)
    return graph


def measured(problem, algorithm):
    seconds = []
    value = None
    for _ in range(problem["rounds"]):
        start = time.perf_counter()
        graph = built(problem)
        value, _ = networkx.minimum_cut(graph, problem["source"], problem["sink"], flow_func=algorithm)
        seconds.append(time.perf_counter() - start)
    return {"name": algorithm.__name__, "seconds": seconds, "value": value}


problem = json.load(sys.stdin)
algorithms = [
    flow.boykov_kolmogorov,
    flow.dinitz,
    flow.edmonds_karp,
    flow.preflow_push,
    flow.shortest_augmenting_path,
]
json.dump({"version": networkx.__version__, "algorithms": [measured(problem, each) for each in algorithms]}, sys.stdout)
