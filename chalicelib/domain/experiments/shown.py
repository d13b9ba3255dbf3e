"""Experiments and goals as the admin API shows them: what is shown can be sent back and changes nothing."""

from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.experiments.records import Record, experiment_record, goal_record
from chalicelib.domain.fields.changes import shown_problem


def shown_experiment(experiment: Experiment) -> Record:
    """Its record, the split of its current phase, and what is wrong with it."""
    phase = experiment.phase
    return {
        **experiment_record(experiment),
        "variations": list(phase.keys),
        "weights": [each.shown_weight for each in phase.variations],
        "seed": phase.seed,
        "coverage": phase.coverage,
        "error": shown_problem(experiment.problem),
    }


def shown_goal(goal: Goal) -> Record:
    """Its record, and what is wrong with it."""
    return {**goal_record(goal), "error": shown_problem(goal.problem)}
