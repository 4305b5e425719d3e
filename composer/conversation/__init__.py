"""What a person says about a draft, understood by rules: as edits of its text, or as questions, never as a guess."""
