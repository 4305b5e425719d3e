"""Drafts where no workflow fits, put together from the skills that are there by what goes in and what comes out."""
