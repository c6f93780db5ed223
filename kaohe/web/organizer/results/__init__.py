"""The result of a counted round and the record of acts."""
