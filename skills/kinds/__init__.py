"""Step kinds that reach outside and so follow the permissions of skills."""
