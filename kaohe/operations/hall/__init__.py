"""What happens in the hall while voting is open: ballots, the board, paper, speeches."""
