#!/bin/bash
# Reads a line with a count and that many bytes, then answers with their SHA-256. As office-server.mjs on port 5001.
read -r count
head -c "$count" | sha256sum | cut -c1-64
