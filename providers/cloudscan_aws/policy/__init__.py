"""Who may do what in AWS: a pure evaluator of its policies. It knows no snapshot and no network."""
