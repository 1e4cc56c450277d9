"""Folders to begin with: small inputs with comments, which pass as they are."""
