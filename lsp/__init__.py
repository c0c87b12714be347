"""The protocol and nothing else: LSP documents and positions to engine values."""
