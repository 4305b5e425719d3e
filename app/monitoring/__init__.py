"""What is watched while runs are under way: samples, rules, alerts, and how they are told of."""
