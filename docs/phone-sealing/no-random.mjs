export function randomBytes() { throw new Error('no randomness here'); }
