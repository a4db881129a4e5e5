"""Bad input by machine: what is fuzzed, how input is changed, and the scripts that run it for hours."""
