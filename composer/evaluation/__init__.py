"""How good drafts are: a set of requests, the checks that they name, and what comes to which rate."""
