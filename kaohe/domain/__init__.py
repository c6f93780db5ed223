"""Pure rules that are not arithmetic: states, ballots, tickets, envelopes, refusals."""
