"""Pure arithmetic: votes in, scores out. No clock, no chance, no input or output."""

from kaohe.tally.tallying import tally as tally
