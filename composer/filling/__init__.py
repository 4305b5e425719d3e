"""Values for a workflow's parameters, read out of a request by what each parameter is: rules, and no guesses."""
