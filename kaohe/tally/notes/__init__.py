"""The sentences that a sheet prints about its numbers: settings used and warnings."""
