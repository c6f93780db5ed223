"""What must hold for a scheme before anything is tallied by it.

Whatever checks raises ``SchemeError``, which names the place in the scheme's document and says what to write there.
"""
