"""One function per thing a person does, one transaction each: gather, decide, write."""
