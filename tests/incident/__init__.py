"""The drill: a critical incident from the first post to the report, over the sandbox platforms with faults on."""
